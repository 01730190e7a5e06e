package dev.latchkey.vault.internal.keyset;

import dev.latchkey.vault.internal.client.PolicyLine;
import dev.latchkey.vault.internal.client.VaultAnswer;
import dev.latchkey.vault.internal.client.VaultConnection;
import dev.latchkey.vault.internal.client.VaultErrors;
import java.util.Map;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The versions of one Transit key, which usually only an operator may change. */
final class TransitVersions {

  private static final Pattern VERSION = Pattern.compile("vault:v([1-9][0-9]{0,8}):.*");

  private final VaultConnection connection;
  private final String path;

  /**
   * @param path path of the key, such as {@code transit/keys/latchkey.shop.orders}
   */
  TransitVersions(VaultConnection connection, String path) {
    this.connection = connection;
    this.path = path;
  }

  /** The key version of a ciphertext. */
  static int of(String ciphertext) {
    Matcher matcher = VERSION.matcher(ciphertext);
    if (!matcher.matches()) {
      throw new IllegalArgumentException("Not a Transit ciphertext");
    }
    return Integer.parseInt(matcher.group(1));
  }

  String path() {
    return path;
  }

  /** Creates a new version; false if permission is denied. */
  boolean rotate() {
    return change("/rotate", Map.of());
  }

  /** Disables all versions before this one; false if permission is denied. */
  boolean raiseMinimum(int version) {
    return change(
        "/config", Map.of("min_decryption_version", version, "min_encryption_version", version));
  }

  /** Permanently removes all versions before this one; false if permission is denied. */
  boolean trim(int version) {
    return change("/trim", Map.of("min_available_version", version));
  }

  /** The first available version; empty if the token may not read the key. */
  OptionalInt firstAvailable() {
    VaultAnswer answer = connection.get(path);
    if (answer.isDenied()) {
      return OptionalInt.empty();
    }
    if (answer.status() != 200) {
      throw errors("read", "", "read").of(answer);
    }
    return OptionalInt.of(answer.body().at("/data/min_available_version").asInt(0));
  }

  /** The policy rule that allows the token to read the key. */
  PolicyLine readRule() {
    return PolicyLine.allowing(path, "read");
  }

  /** The command with which an operator changes the key. */
  String command(String change) {
    return connection.address().command("write", path + change);
  }

  private boolean change(String operation, Object body) {
    VaultAnswer answer = connection.post(path + operation, body);
    if (answer.isDenied()) {
      return false;
    }
    if (!answer.isSuccess()) {
      throw errors("change the versions of", operation, "update").of(answer);
    }
    connection.proofs().prove(); // later reads reflect the change
    return true;
  }

  private VaultErrors errors(String attempt, String operation, String capability) {
    return connection.errors(
        attempt + " the Transit key at " + path,
        path + operation,
        "Correct latchkey.store.vault.transit-mount.",
        capability);
  }
}
