package dev.latchkey.keyset;

import com.google.crypto.tink.Mac;
import java.security.GeneralSecurityException;

/** The {@link Mac} that users hold; each call reads the current one once. */
final class LiveMac implements Mac {

  private final LiveKeyset.Slot<Mac> slot;

  LiveMac(LiveKeyset.Slot<Mac> slot) {
    this.slot = slot;
  }

  @Override
  public byte[] computeMac(byte[] data) throws GeneralSecurityException {
    return slot.toProtect().computeMac(data);
  }

  @Override
  public void verifyMac(byte[] mac, byte[] data) throws GeneralSecurityException {
    long keyId = KeyIds.ofPrefix(mac);
    Mac now = slot.get();
    try {
      now.verifyMac(mac, data);
      slot.countProcessed(keyId);
    } catch (GeneralSecurityException ex) {
      slot.newerThan(now, keyId, ex).verifyMac(mac, data);
    }
  }
}
