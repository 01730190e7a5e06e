package dev.latchkey.keyset;

import com.google.crypto.tink.jwt.JwtPublicKeySign;
import com.google.crypto.tink.jwt.RawJwt;
import java.security.GeneralSecurityException;

/** The {@link JwtPublicKeySign} that users hold; each call reads the current one once. */
final class LiveJwtPublicKeySign implements JwtPublicKeySign {

  private final LiveKeyset.Slot<JwtPublicKeySign> slot;

  LiveJwtPublicKeySign(LiveKeyset.Slot<JwtPublicKeySign> slot) {
    this.slot = slot;
  }

  @Override
  public String signAndEncode(RawJwt token) throws GeneralSecurityException {
    return slot.toProtect().signAndEncode(token);
  }
}
