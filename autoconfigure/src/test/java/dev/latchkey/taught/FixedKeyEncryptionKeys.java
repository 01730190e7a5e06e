package dev.latchkey.taught;

import com.google.crypto.tink.Aead;
import com.google.crypto.tink.subtle.AesGcmJce;
import dev.latchkey.key.KeysetId;
import dev.latchkey.key.document.KeyEncryptionKeys;
import java.security.GeneralSecurityException;

/** One key-encryption key for every keyset, so that another instance can open documents. */
final class FixedKeyEncryptionKeys implements KeyEncryptionKeys {

  @Override
  public Aead forKeyset(KeysetId keyset) {
    try {
      return new AesGcmJce("0123456789abcdef0123456789abcdef".getBytes());
    } catch (GeneralSecurityException ex) {
      throw new IllegalStateException(ex);
    }
  }

  @Override
  public void createIfAbsent(KeysetId keyset) {}
}
