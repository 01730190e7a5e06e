package dev.latchkey.keyset;

import com.google.crypto.tink.jwt.JwtMac;
import com.google.crypto.tink.jwt.JwtValidator;
import com.google.crypto.tink.jwt.RawJwt;
import com.google.crypto.tink.jwt.VerifiedJwt;
import java.security.GeneralSecurityException;

/** The {@link JwtMac} that users hold; each call reads the current one once. */
final class LiveJwtMac implements JwtMac {

  private final LiveKeyset.Slot<JwtMac> slot;

  LiveJwtMac(LiveKeyset.Slot<JwtMac> slot) {
    this.slot = slot;
  }

  @Override
  public String computeMacAndEncode(RawJwt token) throws GeneralSecurityException {
    return slot.toProtect().computeMacAndEncode(token);
  }

  @Override
  public VerifiedJwt verifyMacAndDecode(String compact, JwtValidator validator)
      throws GeneralSecurityException {
    return slot.process(KeyIds.ofJwt(compact), mac -> mac.verifyMacAndDecode(compact, validator));
  }
}
