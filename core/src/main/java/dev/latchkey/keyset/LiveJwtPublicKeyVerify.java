package dev.latchkey.keyset;

import com.google.crypto.tink.jwt.JwtPublicKeyVerify;
import com.google.crypto.tink.jwt.JwtValidator;
import com.google.crypto.tink.jwt.VerifiedJwt;
import java.security.GeneralSecurityException;

/** The {@link JwtPublicKeyVerify} that users hold; each call reads the current one once. */
final class LiveJwtPublicKeyVerify implements JwtPublicKeyVerify {

  private final LiveKeyset.Slot<JwtPublicKeyVerify> slot;

  LiveJwtPublicKeyVerify(LiveKeyset.Slot<JwtPublicKeyVerify> slot) {
    this.slot = slot;
  }

  @Override
  public VerifiedJwt verifyAndDecode(String compact, JwtValidator validator)
      throws GeneralSecurityException {
    long keyId = KeyIds.ofJwt(compact);
    JwtPublicKeyVerify now = slot.get();
    try {
      VerifiedJwt jwt = now.verifyAndDecode(compact, validator);
      slot.countProcessed(keyId);
      return jwt;
    } catch (GeneralSecurityException ex) {
      return slot.newerThan(now, keyId, ex).verifyAndDecode(compact, validator);
    }
  }
}
