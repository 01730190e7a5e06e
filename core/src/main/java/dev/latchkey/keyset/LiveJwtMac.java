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
    long keyId = KeyIds.ofJwt(compact);
    JwtMac now = slot.get();
    try {
      VerifiedJwt jwt = now.verifyMacAndDecode(compact, validator);
      slot.countProcessed(keyId);
      return jwt;
    } catch (GeneralSecurityException ex) {
      return slot.newerThan(now, keyId, ex).verifyMacAndDecode(compact, validator);
    }
  }
}
