package dev.latchkey.file.internal;

import com.google.crypto.tink.Aead;
import dev.latchkey.key.KeysetId;
import dev.latchkey.key.document.KeyEncryptionKeys;

/** Derives each keyset's key-encryption key from the store's key. */
final class FileKeyEncryptionKeys implements KeyEncryptionKeys {

  private final StoreKey key;

  FileKeyEncryptionKeys(StoreKey key) {
    this.key = key;
  }

  @Override
  public Aead forKeyset(KeysetId keyset) {
    return key.aead("keyset " + keyset);
  }

  /** Does nothing: a derived key always exists, and AES-GCM binds associated data. */
  @Override
  public void createIfAbsent(KeysetId keyset) {}
}
