package dev.latchkey.keyset;

import com.google.crypto.tink.PublicKeyVerify;
import java.security.GeneralSecurityException;

/** The {@link PublicKeyVerify} that users hold; each call reads the current one once. */
final class LivePublicKeyVerify implements PublicKeyVerify {

  private final LiveKeyset.Slot<PublicKeyVerify> slot;

  LivePublicKeyVerify(LiveKeyset.Slot<PublicKeyVerify> slot) {
    this.slot = slot;
  }

  @Override
  public void verify(byte[] signature, byte[] data) throws GeneralSecurityException {
    long keyId = KeyIds.ofPrefix(signature);
    PublicKeyVerify now = slot.get();
    try {
      now.verify(signature, data);
      slot.countProcessed(keyId);
    } catch (GeneralSecurityException ex) {
      slot.newerThan(now, keyId, ex).verify(signature, data);
    }
  }
}
