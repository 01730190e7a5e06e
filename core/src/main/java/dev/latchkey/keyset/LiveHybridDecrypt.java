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
    long keyId = KeyIds.ofPrefix(ciphertext);
    HybridDecrypt now = slot.get();
    try {
      byte[] plaintext = now.decrypt(ciphertext, contextInfo);
      slot.countProcessed(keyId);
      return plaintext;
    } catch (GeneralSecurityException ex) {
      return slot.newerThan(now, keyId, ex).decrypt(ciphertext, contextInfo);
    }
  }
}
