package dev.latchkey.vault.internal.keyset;

import dev.latchkey.LatchkeyException;
import dev.latchkey.vault.internal.client.PolicyLine;
import dev.latchkey.vault.internal.client.ReadProof;
import dev.latchkey.vault.internal.client.VaultAnswer;
import dev.latchkey.vault.internal.client.VaultConnection;
import dev.latchkey.vault.internal.client.VaultErrors;
import java.security.GeneralSecurityException;
import java.util.Base64;
import java.util.Map;

/** One Transit key's requests, with every answer told apart. */
final class TransitKey {

  /** No ciphertext of any key: three zero bytes. */
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
    return encrypt(new TransitBody().put("plaintext", plaintext), associatedData);
  }

  /** Encrypts under an older version of the key. */
  String encryptUnder(int version, byte[] plaintext, byte[] associatedData) {
    return encrypt(
        new TransitBody().put("plaintext", plaintext).put("key_version", version), associatedData);
  }

  private String encrypt(TransitBody body, byte[] associatedData) {
    VaultAnswer answer = post("encrypt", body, associatedData);
    if (answer.status() != 200) {
      throw failure("encrypt", answer);
    }
    return answer.body().at("/data/ciphertext").asString("");
  }

  /** Whether the server refuses a ciphertext since the version that made it is not allowed now. */
  boolean refusesAsTooOld(String ciphertext, byte[] associatedData) {
    VaultAnswer answer =
        post("decrypt", new TransitBody().put("ciphertext", ciphertext), associatedData);
    if (answer.status() != 200 && !isTooOld(answer)) {
      throw failure("decrypt", answer);
    }
    return isTooOld(answer);
  }

  /** Whether the key's minimum lets nothing be encrypted under a version. */
  boolean refusesToEncryptUnder(int version, byte[] plaintext, byte[] associatedData) {
    VaultAnswer answer =
        post(
            "encrypt",
            new TransitBody().put("plaintext", plaintext).put("key_version", version),
            associatedData);
    boolean refused = isBelowMinimum(answer);
    if (answer.status() != 200 && !refused && !answer.says("no such key version")) {
      throw failure("encrypt", answer);
    }
    return refused;
  }

  private static boolean isBelowMinimum(VaultAnswer answer) {
    return answer.status() == 400 && answer.says("minimum encryption key version");
  }

  private static boolean isTooOld(VaultAnswer answer) {
    return answer.status() == 400 && answer.says("too old");
  }

  /**
   * Decrypts.
   *
   * @throws GeneralSecurityException if the ciphertext does not open
   */
  byte[] decrypt(String ciphertext, byte[] associatedData) throws GeneralSecurityException {
    VaultAnswer answer =
        post("decrypt", new TransitBody().put("ciphertext", ciphertext), associatedData);
    if (answer.status() == 400 && doesNotOpen(answer)) {
      throw new GeneralSecurityException(
          "does not open under Transit key %s: %s".formatted(this, answer.words()));
    }
    if (answer.status() != 200) {
      throw failure("decrypt", answer);
    }
    return Base64.getDecoder().decode(answer.body().at("/data/plaintext").asString(""));
  }

  /** Asks without a way to make it: a request to encrypt makes a missing key. */
  boolean exists() {
    VaultAnswer answer = post("decrypt", new TransitBody().put("ciphertext", PROBE), new byte[1]);
    if (answer.status() != 400) {
      throw failure("decrypt", answer);
    }
    return !answer.says("encryption key not found");
  }

  /** Makes the key if it is missing; the server leaves one that exists as it is. */
  void create() {
    VaultAnswer answer = connection.post(path("keys"), Map.of("type", "aes256-gcm96"));
    if (answer.status() == 403) {
      throw new LatchkeyException(
          "The Transit key %s is missing in %s, and the application may not make it"
              .formatted(this, connection),
          "Make it as an operator:\n  vault write -f %s\nor let the application do so:\n  %s"
              .formatted(path("keys"), PolicyLine.allowing(path("keys"), "update")));
    }
    if (!answer.isSuccess()) {
      throw failure("keys", answer);
    }
    ReadProof ignored = connection.proofs().renew(); // no node answers that does not know the key
  }

  LatchkeyException missing() {
    return new LatchkeyException(
        "The Transit key %s is missing in %s".formatted(this, connection),
        "If it was there before, restore it from a backup of the server: a new one opens nothing."
            + " If"
            + " it never was, make it: `vault write -f %s`.".formatted(path("keys")));
  }

  private VaultAnswer post(String operation, TransitBody body, byte[] associatedData) {
    if (associatedData.length > 0) {
      body.put("associated_data", associatedData);
    }
    try (body) {
      return connection.postBytes(path(operation), body.bytes());
    }
  }

  private LatchkeyException failure(String operation, VaultAnswer answer) {
    if (answer.says("encryption key not found")) {
      return missing();
    }
    if (isBelowMinimum(answer)) {
      return new LatchkeyException(
          "The Transit key %s in %s no longer encrypts under its older versions"
              .formatted(this, connection),
          "Lower that minimum for now: `vault write %s/config min_encryption_version=0`."
              .formatted(path("keys")));
    }
    if (answer.says("too old")) {
      return new LatchkeyException(
          "The Transit key %s in %s no longer opens what its older versions encrypted"
              .formatted(this, connection),
          "Lower its minimum: `vault write %s/config min_decryption_version=1`."
              .formatted(path("keys")));
    }
    if (answer.says("key derivation") || answer.says("non-AEAD")) {
      return new LatchkeyException(
          "The Transit key %s in %s is of a kind that binds no associated data (%s)"
              .formatted(this, connection, answer.words()),
          "Make it as it comes, with neither derived nor a type: `vault write -f %s`."
              .formatted(path("keys")));
    }
    return new VaultErrors(
            connection,
            (operation.equals("keys") ? "make" : operation + " with") + " the Transit key " + this,
            path(operation),
            PolicyLine.allowing(path(operation), "update"),
            "Mount one (`vault secrets enable -path=%s transit`), or correct".formatted(mount)
                + " latchkey.store.vault.transit-mount.")
        .of(answer);
  }

  private static boolean doesNotOpen(VaultAnswer answer) {
    return answer.says("message authentication failed") || answer.says("invalid ciphertext");
  }

  private String path(String operation) {
    return mount + "/" + operation + "/" + name;
  }

  @Override
  public String toString() {
    return mount + "/" + name;
  }
}
