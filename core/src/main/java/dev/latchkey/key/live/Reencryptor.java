package dev.latchkey.key.live;

import java.security.GeneralSecurityException;
import java.util.OptionalLong;

/**
 * Re-encrypts ciphertexts of a keyset with its primary key, and shows without decrypting which key
 * a ciphertext is encrypted with. Safe for use by several threads. It stays valid while the keyset
 * rotates: every call uses the primary key of that moment. No call performs I/O.
 *
 * <p>Available for keysets whose ciphertexts carry the id of their key: those for {@code Aead},
 * {@code DeterministicAead} and hybrid encryption, without a {@code RAW} template.
 *
 * @since 0.1
 */
public interface Reencryptor {

  /** The name of the keyset. */
  String keyset();

  /**
   * The id of the primary key, which encrypts now, as the rotation endpoint shows it.
   *
   * @throws dev.latchkey.LatchkeyException if its ciphertexts carry no id
   */
  long primaryKeyId();

  /**
   * The id of the key that a ciphertext is encrypted with, from its first five bytes: {@code 0x01}
   * and the id.
   *
   * @return empty if the keyset holds no such key, or the key's ciphertexts carry no id
   */
  OptionalLong keyId(byte[] ciphertext);

  /** Whether the keyset holds this key, and the key's ciphertexts carry its id. */
  boolean identifies(long keyId);

  /**
   * Whether a ciphertext is encrypted with the primary key.
   *
   * @throws dev.latchkey.LatchkeyException if the primary key's ciphertexts carry no id
   */
  boolean usesPrimaryKey(byte[] ciphertext);

  /**
   * Whether to re-encrypt a ciphertext: it is encrypted neither with the primary key nor with the
   * spare. Another instance may already have promoted the spare, and its ciphertexts must not go
   * back to an older key.
   *
   * @throws dev.latchkey.LatchkeyException if the primary key's ciphertexts carry no id
   */
  boolean needsReencryption(byte[] ciphertext);

  /**
   * Re-encrypts a ciphertext with the primary key.
   *
   * @param associatedData that of the ciphertext and of the result; the context for hybrid
   *     encryption
   * @throws GeneralSecurityException if the ciphertext does not decrypt with this associated data
   */
  byte[] reencrypt(byte[] ciphertext, byte[] associatedData) throws GeneralSecurityException;
}
