package dev.latchkey.keyset;

import com.google.crypto.tink.Aead;
import com.google.crypto.tink.DeterministicAead;
import com.google.crypto.tink.HybridDecrypt;
import com.google.crypto.tink.HybridEncrypt;
import dev.latchkey.LatchkeyException;
import java.security.GeneralSecurityException;
import java.util.OptionalLong;

/**
 * Tells under which key of a keyset a ciphertext is, without decrypting it, and brings it under the
 * primary key. Safe for use by several threads; it stays good while the keyset rotates: which key
 * is primary is asked anew at every call. No call does I/O.
 *
 * <p>For keysets whose ciphertexts carry the id of their key, which are those of {@link Aead},
 * {@link DeterministicAead} and hybrid encryption without a {@code RAW} template.
 *
 * @since 0.1
 */
public final class Reencryptor {

  private final String keyset;
  private final LiveKeyset live;
  private final Renewal renewal;

  private Reencryptor(String keyset, LiveKeyset live, Renewal renewal) {
    this.keyset = keyset;
    this.live = live;
    this.renewal = renewal;
  }

  static Reencryptor of(String keyset, LiveKeyset live) {
    Reencryptor reencryptor = new Reencryptor(keyset, live, renewal(keyset, live));
    long ignored = reencryptor.primaryKeyId(); // there is one, or it is told here
    return reencryptor;
  }

  private static Renewal renewal(String keyset, LiveKeyset live) {
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
              "What keyset %s makes cannot be renewed".formatted(keyset),
              "It gives %s. Only ciphertexts that carry the id of their key can be renewed."
                  .formatted(live.family().interfaceNames()));
    };
  }

  /** The name of the keyset. */
  public String keyset() {
    return keyset;
  }

  /**
   * The id of the primary key: the one that encrypts now, as the rotation endpoint shows it.
   *
   * @throws LatchkeyException if its ciphertexts carry no id
   */
  public long primaryKeyId() {
    return live.activeKeyId()
        .orElseThrow(
            () ->
                new LatchkeyException(
                    "Ciphertexts of keyset %s carry no key id, so nothing tells which are to be renewed"
                        .formatted(keyset),
                    "Set latchkey.keysets.%s.template to the variant without RAW: the next key's ciphertexts can be told from all others."
                        .formatted(keyset)));
  }

  /**
   * The id of the key that a ciphertext is under, from its first five bytes: {@code 0x01} and the
   * id.
   *
   * @return empty if that is no key that the keyset holds, or it leaves no id in its ciphertexts
   */
  public OptionalLong keyId(byte[] ciphertext) {
    long id = KeyIds.ofPrefix(ciphertext);
    return leavesId(id) ? OptionalLong.of(id) : OptionalLong.empty();
  }

  /** Whether the keyset holds this key, and the key leaves its id in its ciphertexts. */
  public boolean leavesId(long keyId) {
    return live.leavesId(keyId);
  }

  /**
   * Whether a ciphertext is under the primary key.
   *
   * @throws LatchkeyException if the primary key's ciphertexts carry no id
   */
  public boolean isUnderPrimaryKey(byte[] ciphertext) {
    return KeyIds.ofPrefix(ciphertext) == primaryKeyId();
  }

  /**
   * Whether a ciphertext is to be brought under the primary key: not if it is under that, nor under
   * the spare, which comes next. Another instance may have promoted it already, and what that one
   * renewed is not to be brought back to an older key.
   *
   * @throws LatchkeyException if the primary key's ciphertexts carry no id
   */
  public boolean needsRenewal(byte[] ciphertext) {
    return !live.isSpare(KeyIds.ofPrefix(ciphertext)) && !isUnderPrimaryKey(ciphertext);
  }

  /**
   * The same plaintext under the primary key, whatever key it is under now.
   *
   * @param associatedData that of the ciphertext, and of what is given back: for hybrid encryption
   *     its context
   * @throws GeneralSecurityException if the ciphertext does not decrypt with this associated data
   */
  public byte[] renew(byte[] ciphertext, byte[] associatedData) throws GeneralSecurityException {
    return renewal.apply(ciphertext, associatedData);
  }

  @Override
  public String toString() {
    return "Reencryptor[%s]".formatted(keyset);
  }

  @FunctionalInterface
  private interface Renewal {
    byte[] apply(byte[] ciphertext, byte[] associatedData) throws GeneralSecurityException;
  }
}
