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
    return slot.get().encrypt(plaintext, associatedData);
  }

  @Override
  public byte[] decrypt(byte[] ciphertext, byte[] associatedData) throws GeneralSecurityException {
    return slot.get().decrypt(ciphertext, associatedData);
  }
}
