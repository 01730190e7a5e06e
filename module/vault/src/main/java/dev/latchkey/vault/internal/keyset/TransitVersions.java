package dev.latchkey.vault.internal.keyset;

import dev.latchkey.vault.internal.client.PolicyLine;
import dev.latchkey.vault.internal.client.VaultAnswer;
import dev.latchkey.vault.internal.client.VaultConnection;
import dev.latchkey.vault.internal.client.VaultErrors;
import java.util.Map;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The versions of one Transit key: an operator's business, unless the token may do it. */
final class TransitVersions {

  private static final Pattern VERSION = Pattern.compile("vault:v([1-9][0-9]{0,8}):.*");

  private final VaultConnection connection;
  private final String path;

  /**
   * @param path the key's own, such as {@code transit/keys/latchkey.shop.orders}
   */
  TransitVersions(VaultConnection connection, String path) {
    this.connection = connection;
    this.path = path;
  }

  /** The version that made a ciphertext. */
  static int of(String ciphertext) {
    Matcher matcher = VERSION.matcher(ciphertext);
    if (!matcher.matches()) {
      throw new IllegalArgumentException("No ciphertext of a Transit key");
    }
    return Integer.parseInt(matcher.group(1));
  }

  String path() {
    return path;
  }

  /** Makes a new version; false if that is denied. */
  boolean rotate() {
    return change("/rotate", Map.of());
  }

  /** Lets nothing before a version encrypt or decrypt; false if that is denied. */
  boolean raiseMinimum(int version) {
    return change(
        "/config", Map.of("min_decryption_version", version, "min_encryption_version", version));
  }

  /** Removes everything before a version for good; false if that is denied. */
  boolean trim(int version) {
    return change("/trim", Map.of("min_available_version", version));
  }

  /** The first version that is not removed; empty if the token may not see it. */
  OptionalInt firstAvailable() {
    VaultAnswer answer = connection.get(path);
    if (answer.status() == 403) {
      return OptionalInt.empty();
    }
    if (answer.status() != 200) {
      throw refusal("read", "", "read").of(answer);
    }
    return OptionalInt.of(answer.body().at("/data/min_available_version").asInt(0));
  }

  /** What lets the token see which versions are removed. */
  PolicyLine toSee() {
    return PolicyLine.allowing(path, "read");
  }

  private boolean change(String operation, Object body) {
    VaultAnswer answer = connection.post(path + operation, body);
    if (answer.status() == 403) {
      return false;
    }
    if (!answer.isSuccess()) {
      throw refusal("change the versions of", operation, "update").of(answer);
    }
    connection.proofs().renew(); // no node answers that does not know of it
    return true;
  }

  private VaultErrors refusal(String attempt, String operation, String capability) {
    return new VaultErrors(
        connection,
        attempt + " the Transit key at " + path,
        path + operation,
        PolicyLine.allowing(path + operation, capability),
        "Correct latchkey.store.vault.transit-mount.");
  }
}
