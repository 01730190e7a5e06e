package dev.latchkey.keyset;

import com.google.crypto.tink.Aead;
import java.security.GeneralSecurityException;

/** The {@link Aead} that users hold; each call reads the current one once. */
final class LiveAead implements Aead {

  private final LiveKeyset.Slot<Aead> slot;

  LiveAead(LiveKeyset.Slot<Aead> slot) {
    this.slot = slot;
  }

  @Override
  public byte[] encrypt(byte[] plaintext, byte[] associatedData) throws GeneralSecurityException {
    return slot.toProtect().encrypt(plaintext, associatedData);
  }

  @Override
  public byte[] decrypt(byte[] ciphertext, byte[] associatedData) throws GeneralSecurityException {
    long keyId = KeyIds.ofPrefix(ciphertext);
    Aead now = slot.get();
    try {
      byte[] plaintext = now.decrypt(ciphertext, associatedData);
      slot.countProcessed(keyId);
      return plaintext;
    } catch (GeneralSecurityException ex) {
      return slot.newerThan(now, keyId, ex).decrypt(ciphertext, associatedData);
    }
  }
}
