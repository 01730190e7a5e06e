package dev.latchkey.keyset;

import com.google.crypto.tink.PublicKeySign;
import java.security.GeneralSecurityException;

/** The {@link PublicKeySign} that users hold; each call reads the current one once. */
final class LivePublicKeySign implements PublicKeySign {

  private final LiveKeyset.Slot<PublicKeySign> slot;

  LivePublicKeySign(LiveKeyset.Slot<PublicKeySign> slot) {
    this.slot = slot;
  }

  @Override
  public byte[] sign(byte[] data) throws GeneralSecurityException {
    return slot.toProtect().sign(data);
  }
}
