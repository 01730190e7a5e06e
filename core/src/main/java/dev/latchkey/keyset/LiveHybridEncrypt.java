package dev.latchkey.keyset;

import com.google.crypto.tink.HybridEncrypt;
import java.security.GeneralSecurityException;

/** The {@link HybridEncrypt} that users hold; each call reads the current one once. */
final class LiveHybridEncrypt implements HybridEncrypt {

  private final LiveKeyset.Slot<HybridEncrypt> slot;

  LiveHybridEncrypt(LiveKeyset.Slot<HybridEncrypt> slot) {
    this.slot = slot;
  }

  @Override
  public byte[] encrypt(byte[] plaintext, byte[] contextInfo) throws GeneralSecurityException {
    return slot.toProtect().encrypt(plaintext, contextInfo);
  }
}
