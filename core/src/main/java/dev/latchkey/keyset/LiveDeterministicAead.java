package dev.latchkey.keyset;

import com.google.crypto.tink.DeterministicAead;
import java.security.GeneralSecurityException;

/** The {@link DeterministicAead} that users hold; each call reads the current one once. */
final class LiveDeterministicAead implements DeterministicAead {

  private final LiveKeyset.Slot<DeterministicAead> slot;

  LiveDeterministicAead(LiveKeyset.Slot<DeterministicAead> slot) {
    this.slot = slot;
  }

  @Override
  public byte[] encryptDeterministically(byte[] plaintext, byte[] associatedData)
      throws GeneralSecurityException {
    return slot.toProtect().encryptDeterministically(plaintext, associatedData);
  }

  @Override
  public byte[] decryptDeterministically(byte[] ciphertext, byte[] associatedData)
      throws GeneralSecurityException {
    long keyId = KeyIds.ofPrefix(ciphertext);
    DeterministicAead now = slot.get();
    try {
      byte[] plaintext = now.decryptDeterministically(ciphertext, associatedData);
      slot.countProcessed(keyId);
      return plaintext;
    } catch (GeneralSecurityException ex) {
      return slot.newerThan(now, keyId, ex).decryptDeterministically(ciphertext, associatedData);
    }
  }
}
