package dev.latchkey.vault.internal.keyset;

import dev.latchkey.LatchkeyException;
import dev.latchkey.vault.internal.client.PolicyLine;
import dev.latchkey.vault.internal.client.VaultAnswer;
import dev.latchkey.vault.internal.client.VaultConnection;
import java.security.GeneralSecurityException;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;

/** The requests for one Transit key, with a specific error for each response. */
final class TransitKey {

  /** Not a ciphertext of any key: three zero bytes. */
  private static final String PROBE = "vault:v1:AAAA";

  private final VaultConnection connection;
  private final String mount;
  private final String name;

  TransitKey(VaultConnection connection, String mount, String name) {
    this.connection = connection;
    this.mount = mount;
    this.name = name;
  }

  String encrypt(byte[] plaintext, byte[] associatedData) {
    return encrypt(Map.of("plaintext", plaintext), associatedData);
  }

  /** Encrypts with a specific version of the key. */
  String encryptWith(int version, byte[] plaintext, byte[] associatedData) {
    return encrypt(Map.of("plaintext", plaintext, "key_version", version), associatedData);
  }

  private String encrypt(Map<String, Object> body, byte[] associatedData) {
    VaultAnswer answer = post("encrypt", body, associatedData);
    if (answer.status() != 200) {
      throw failure("encrypt", answer);
    }
    return answer.body().at("/data/ciphertext").asString("");
  }

  /** Whether Vault rejects a ciphertext because its key version is below the minimum. */
  boolean rejectsAsTooOld(String ciphertext, byte[] associatedData) {
    VaultAnswer answer = post("decrypt", Map.of("ciphertext", ciphertext), associatedData);
    boolean rejected = answer.status() == 400 && answer.says("too old");
    if (answer.status() != 200 && !rejected) {
      throw failure("decrypt", answer);
    }
    return rejected;
  }

  /** Whether Vault rejects encryption with a version because it is below the minimum. */
  boolean rejectsEncryptionWith(int version, byte[] plaintext, byte[] associatedData) {
    VaultAnswer answer =
        post("encrypt", Map.of("plaintext", plaintext, "key_version", version), associatedData);
    boolean rejected = isBelowMinimum(answer);
    if (answer.status() != 200 && !rejected && !answer.says("no such key version")) {
      throw failure("encrypt", answer);
    }
    return rejected;
  }

  private static boolean isBelowMinimum(VaultAnswer answer) {
    return answer.status() == 400 && answer.says("minimum encryption key version");
  }

  /**
   * Decrypts a ciphertext.
   *
   * @throws GeneralSecurityException if the ciphertext does not authenticate
   */
  byte[] decrypt(String ciphertext, byte[] associatedData) throws GeneralSecurityException {
    VaultAnswer answer = post("decrypt", Map.of("ciphertext", ciphertext), associatedData);
    if (answer.status() == 400
        && (answer.says("message authentication failed") || answer.says("invalid ciphertext"))) {
      throw new GeneralSecurityException(
          "Transit key %s cannot decrypt the ciphertext: %s".formatted(this, answer.words()));
    }
    if (answer.status() != 200) {
      throw failure("decrypt", answer);
    }
    return Base64.getDecoder().decode(answer.body().at("/data/plaintext").asString(""));
  }

  /** Checks with a decryption, because an encryption request creates a missing key. */
  boolean exists() {
    VaultAnswer answer = post("decrypt", Map.of("ciphertext", PROBE), new byte[1]);
    if (answer.status() != 400) {
      throw failure("decrypt", answer);
    }
    return !answer.says("encryption key not found");
  }

  /** Creates the key if it does not exist; Vault leaves an existing key unchanged. */
  void create() {
    VaultAnswer answer = connection.post(path("keys"), Map.of("type", "aes256-gcm96"));
    if (answer.isDenied()) {
      throw new LatchkeyException(
          "The Transit key %s does not exist in %s, and the application may not create it"
              .formatted(this, connection),
          "Create it as an operator:\n  vault write -f %s\nor allow the application to:\n  %s"
              .formatted(path("keys"), PolicyLine.allowing(path("keys"), "update")));
    }
    if (!answer.isSuccess()) {
      throw failure("keys", answer);
    }
    connection.proofs().prove(); // later requests find the key on every node
  }

  LatchkeyException missing() {
    return new LatchkeyException(
        "The Transit key %s does not exist in %s".formatted(this, connection),
        "If it existed before, restore a backup of the server: a new key decrypts nothing."
            + " Otherwise create it: `vault write -f %s`.".formatted(path("keys")));
  }

  private VaultAnswer post(String operation, Map<String, Object> body, byte[] associatedData) {
    Map<String, Object> complete = new LinkedHashMap<>(body);
    if (associatedData.length > 0) {
      complete.put("associated_data", associatedData);
    }
    return connection.post(path(operation), complete);
  }

  private LatchkeyException failure(String operation, VaultAnswer answer) {
    if (answer.says("encryption key not found")) {
      return missing();
    }
    if (isBelowMinimum(answer)) {
      return new LatchkeyException(
          "The Transit key %s in %s no longer encrypts with its older versions"
              .formatted(this, connection),
          "Lower the minimum for now: `vault write %s/config min_encryption_version=0`."
              .formatted(path("keys")));
    }
    if (answer.says("too old")) {
      return new LatchkeyException(
          "The Transit key %s in %s no longer decrypts what its older versions encrypted"
              .formatted(this, connection),
          "Lower the minimum: `vault write %s/config min_decryption_version=1`."
              .formatted(path("keys")));
    }
    if (answer.says("key derivation") || answer.says("non-AEAD")) {
      return new LatchkeyException(
          "The Transit key %s in %s does not support associated data (%s)"
              .formatted(this, connection, answer.words()),
          "Create it with defaults, without 'derived' and 'type': `vault write -f %s`."
              .formatted(path("keys")));
    }
    return connection
        .errors(
            (operation.equals("keys") ? "create" : operation + " with")
                + " the Transit key "
                + this,
            path(operation),
            "Mount one (`vault secrets enable -path=%s transit`), or correct".formatted(mount)
                + " latchkey.store.vault.transit-mount.",
            "update")
        .of(answer);
  }

  private String path(String operation) {
    return mount + "/" + operation + "/" + name;
  }

  @Override
  public String toString() {
    return mount + "/" + name;
  }
}
