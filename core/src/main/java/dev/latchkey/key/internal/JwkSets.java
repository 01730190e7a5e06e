package dev.latchkey.key.internal;

import com.google.crypto.tink.jwt.JwkSetConverter;
import dev.latchkey.key.KeysetTemplate;
import dev.latchkey.key.PrimitiveFamily;
import java.io.IOException;
import java.security.GeneralSecurityException;

/** Converts public keys for JWT signatures to JWK sets (RFC 7517). */
public final class JwkSets {

  private JwkSets() {}

  /** Whether a JWK set can hold keys of a template. */
  public static boolean canHold(KeysetTemplate template) {
    return template.family() == PrimitiveFamily.JWT_SIGNATURE
        && !template.name().startsWith("JWT_ML_DSA_");
  }

  /**
   * The JWK set of all keys that verify, including the spare. A key has the same {@code kid} as its
   * tokens, or none for {@code RAW} variants.
   *
   * @param keyset a keyset whose template {@linkplain #canHold is supported}
   * @return JSON
   */
  public static String of(KeysetSnapshot keyset) {
    try {
      return JwkSetConverter.fromPublicKeysetHandle(TinkKeys.publicHalf(keyset.handle()));
    } catch (GeneralSecurityException | IOException ex) {
      throw new IllegalArgumentException(
          "%s holds keys that a JWK set cannot hold".formatted(keyset), ex);
    }
  }
}
