package dev.latchkey.key.internal;

import com.google.crypto.tink.jwt.JwkSetConverter;
import dev.latchkey.key.KeysetTemplate;
import dev.latchkey.key.PrimitiveFamily;
import java.io.IOException;
import java.security.GeneralSecurityException;

/**
 * Public keys for JWT signatures in the form in which anybody can verify with them: JWK sets (RFC
 * 7517).
 *
 * @since 0.1
 */
public final class JwkSets {

  private JwkSets() {}

  /** Whether there is such a form for keys of a template. */
  public static boolean canHold(KeysetTemplate template) {
    return template.family() == PrimitiveFamily.JWT_SIGNATURE
        && !template.name().startsWith("JWT_ML_DSA_");
  }

  /**
   * The JWK set of all keys that verify, the spare among them. A key has the {@code kid} that its
   * tokens have, and none where they have none: in {@code RAW} variants.
   *
   * @param keyset one whose keys {@linkplain #canHold can be held}
   * @return JSON
   */
  public static String of(KeysetSnapshot keyset) {
    try {
      return JwkSetConverter.fromPublicKeysetHandle(TinkKeys.publicHalf(keyset.handle()));
    } catch (GeneralSecurityException | IOException ex) {
      throw new IllegalArgumentException("%s holds keys that no JWK set can".formatted(keyset), ex);
    }
  }
}
