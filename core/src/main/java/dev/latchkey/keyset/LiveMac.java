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
    slot.process(
        KeyIds.ofPrefix(mac),
        held -> {
          held.verifyMac(mac, data);
          return true;
        });
  }
}
