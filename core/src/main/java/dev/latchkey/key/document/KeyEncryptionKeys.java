package dev.latchkey.key.document;

import com.google.crypto.tink.Aead;
import dev.latchkey.key.KeysetId;
import java.util.Optional;

/**
 * The keys that wrap keyset documents (key-encryption keys, NIST SP 800-57 Part 1 Rev. 5, section
 * 5.1.1). They never leave their KMS.
 *
 * @since 0.1
 */
public interface KeyEncryptionKeys {

  /**
   * The key-encryption key of one keyset. Its calls may use the network. They throw {@link
   * dev.latchkey.LatchkeyException} if the KMS denies a request or fails, and {@link
   * java.security.GeneralSecurityException} only if a ciphertext does not open with this key and
   * associated data.
   */
  Aead forKeyset(KeysetId keyset);

  /**
   * Creates the keyset's key-encryption key if there is none, and proves that it binds associated
   * data. Called before the first document is written, and only if the keyset may be created.
   *
   * @throws dev.latchkey.LatchkeyException if it is missing and may not be created, with the
   *     command that creates it
   */
  void createIfAbsent(KeysetId keyset);

  /**
   * A key of the same KMS that does not belong to a keyset, by its name there: for importing what
   * was encrypted with it.
   *
   * @return empty if the KMS only has keys of keysets
   */
  default Optional<Aead> named(String name) {
    return Optional.empty();
  }
}
