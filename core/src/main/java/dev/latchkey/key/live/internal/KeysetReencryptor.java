package dev.latchkey.key.live.internal;

import com.google.crypto.tink.Aead;
import com.google.crypto.tink.DeterministicAead;
import com.google.crypto.tink.HybridDecrypt;
import com.google.crypto.tink.HybridEncrypt;
import dev.latchkey.LatchkeyException;
import dev.latchkey.key.internal.KeyIds;
import dev.latchkey.key.live.Reencryptor;
import java.security.GeneralSecurityException;
import java.util.OptionalLong;

/** Re-encrypts with the live primitives of a keyset. */
final class KeysetReencryptor implements Reencryptor {

  private final String keyset;
  private final LiveKeyset live;
  private final Reencryption reencryption;

  /**
   * @throws LatchkeyException if no ciphertext of the keyset carries the id of its key
   */
  KeysetReencryptor(String keyset, LiveKeyset live) {
    this.keyset = keyset;
    this.live = live;
    this.reencryption = reencryption(keyset, live);
    long ignored = primaryKeyId(); // fails early if its ciphertexts carry no id
  }

  private static Reencryption reencryption(String keyset, LiveKeyset live) {
    return switch (live.family()) {
      case AEAD -> {
        Aead aead = live.primitive(Aead.class);
        yield (ciphertext, data) -> aead.encrypt(aead.decrypt(ciphertext, data), data);
      }
      case DETERMINISTIC_AEAD -> {
        DeterministicAead aead = live.primitive(DeterministicAead.class);
        yield (ciphertext, data) ->
            aead.encryptDeterministically(aead.decryptDeterministically(ciphertext, data), data);
      }
      case HYBRID -> {
        HybridDecrypt decrypt = live.primitive(HybridDecrypt.class);
        HybridEncrypt encrypt = live.primitive(HybridEncrypt.class);
        yield (ciphertext, data) -> encrypt.encrypt(decrypt.decrypt(ciphertext, data), data);
      }
      default ->
          throw new LatchkeyException(
              "Output of keyset %s cannot be re-encrypted".formatted(keyset),
              "The keyset provides %s. Only ciphertexts that carry the id of their key can be re-encrypted."
                  .formatted(live.family().interfaceNames()));
    };
  }

  @Override
  public String keyset() {
    return keyset;
  }

  @Override
  public long primaryKeyId() {
    Generation generation = live.generation();
    if (!generation.identifies(generation.activeId())) {
      throw new LatchkeyException(
          "Ciphertexts of keyset %s carry no key id, so those to re-encrypt cannot be identified"
              .formatted(keyset),
          "Set the keyset's template to the variant without RAW: the ciphertexts of the next key can be distinguished from all others.");
    }
    return generation.activeId();
  }

  @Override
  public OptionalLong keyId(byte[] ciphertext) {
    long id = KeyIds.ofPrefix(ciphertext);
    return identifies(id) ? OptionalLong.of(id) : OptionalLong.empty();
  }

  @Override
  public boolean identifies(long keyId) {
    return live.generation().identifies(keyId);
  }

  @Override
  public boolean usesPrimaryKey(byte[] ciphertext) {
    return KeyIds.ofPrefix(ciphertext) == primaryKeyId();
  }

  @Override
  public boolean needsReencryption(byte[] ciphertext) {
    return !live.generation().isSpare(KeyIds.ofPrefix(ciphertext)) && !usesPrimaryKey(ciphertext);
  }

  @Override
  public byte[] reencrypt(byte[] ciphertext, byte[] associatedData)
      throws GeneralSecurityException {
    return reencryption.apply(ciphertext, associatedData);
  }

  @Override
  public String toString() {
    return "Reencryptor[%s]".formatted(keyset);
  }

  @FunctionalInterface
  private interface Reencryption {
    byte[] apply(byte[] ciphertext, byte[] associatedData) throws GeneralSecurityException;
  }
}
