package dev.latchkey.keyset;

import com.google.crypto.tink.HybridDecrypt;
import java.security.GeneralSecurityException;

/** The {@link HybridDecrypt} that users hold; each call reads the current one once. */
final class LiveHybridDecrypt implements HybridDecrypt {

  private final LiveKeyset.Slot<HybridDecrypt> slot;

  LiveHybridDecrypt(LiveKeyset.Slot<HybridDecrypt> slot) {
    this.slot = slot;
  }

  @Override
  public byte[] decrypt(byte[] ciphertext, byte[] contextInfo) throws GeneralSecurityException {
    return slot.process(
        KeyIds.ofPrefix(ciphertext), hybrid -> hybrid.decrypt(ciphertext, contextInfo));
  }
}
