package dev.latchkey.key.document;

import com.google.crypto.tink.Aead;
import dev.latchkey.key.KeysetId;
import java.util.Optional;

/**
 * The keys that wrap keyset documents (key-encryption keys, NIST SP 800-57 Part 1 Rev. 5, section
 * 5.1.1). They never leave their keeper.
 *
 * @since 0.1
 */
public interface KeyEncryptionKeys {

  /**
   * The key-encryption key of one keyset. Its calls may go over a network; they throw {@link
   * dev.latchkey.LatchkeyException} when the keeper denies or fails, and {@link
   * java.security.GeneralSecurityException} only when a ciphertext does not open under this key and
   * associated data.
   */
  Aead forKeyset(KeysetId keyset);

  /**
   * Makes the keyset's key-encryption key if there is none, and proves that it binds associated
   * data. Called before the first document is written, and only where the keyset may be created.
   *
   * @throws dev.latchkey.LatchkeyException if it is missing and may not be made, with the command
   *     that makes it
   */
  void createIfAbsent(KeysetId keyset);

  /**
   * A key of the same keeper that is no keyset's own, by its name there: for what was encrypted
   * before it came here.
   *
   * @return empty if the keeper has only those of keysets
   */
  default Optional<Aead> named(String name) {
    return Optional.empty();
  }
}
