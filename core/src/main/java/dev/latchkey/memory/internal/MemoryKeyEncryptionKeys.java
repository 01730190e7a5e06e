package dev.latchkey.memory.internal;

import com.google.crypto.tink.Aead;
import com.google.crypto.tink.subtle.AesGcmJce;
import com.google.crypto.tink.subtle.Random;
import dev.latchkey.key.KeysetId;
import dev.latchkey.key.document.KeyEncryptionKeys;
import java.security.GeneralSecurityException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Holds a random key-encryption key per keyset in memory.
 *
 * @since 0.1
 */
public final class MemoryKeyEncryptionKeys implements KeyEncryptionKeys {

  private static final int AES_256_BYTES = 32;

  private final Map<KeysetId, Aead> keys = new ConcurrentHashMap<>();

  @Override
  public Aead forKeyset(KeysetId keyset) {
    return keys.computeIfAbsent(keyset, id -> randomKey());
  }

  @Override
  public void createIfAbsent(KeysetId keyset) {
    forKeyset(keyset);
  }

  private static Aead randomKey() {
    try {
      return new AesGcmJce(Random.randBytes(AES_256_BYTES));
    } catch (GeneralSecurityException ex) {
      throw new IllegalStateException("AES-256-GCM is not available", ex);
    }
  }
}
