package dev.latchkey.autoconfigure.key.internal;

import dev.latchkey.LatchkeyException;
import dev.latchkey.autoconfigure.internal.Durations;
import dev.latchkey.key.KeysetTemplate;
import dev.latchkey.key.PrimitiveFamily;
import dev.latchkey.key.internal.JwkSets;
import java.time.Duration;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A JWK set that the application serves.
 *
 * @param keyset name of the keyset whose public keys it contains
 * @param path path within the application
 * @param maxAge how long clients may cache it
 */
public record ServedJwkSet(String keyset, String path, Duration maxAge) {

  private static final Pattern PATH = Pattern.compile("(/(?!\\.{1,2}(/|$))[A-Za-z0-9_.-]+)+");

  /**
   * The JWK set that the properties of a keyset configure, or null.
   *
   * @throws LatchkeyException if it can't be served
   */
  public static @Nullable ServedJwkSet of(
      String name, @Nullable String keysetTemplate, @Nullable String path, Duration maxAge) {
    String properties = "latchkey.keysets." + name + ".jwks";
    Durations.requireNotNegative(properties + ".max-age", maxAge);
    if (path == null && maxAge.isZero()) {
      return null;
    }
    String template = String.valueOf(keysetTemplate);
    if (!JwkSets.canHold(KeysetTemplate.of(template))) {
      throw new LatchkeyException(
          "%s is set, but a JWK set can't contain keys of %s".formatted(properties, template),
          "Remove it, or use a template for JWT signatures, such as %s."
              .formatted(PrimitiveFamily.JWT_SIGNATURE.example()));
    }
    if (path != null && !PATH.matcher(path).matches()) {
      throw new LatchkeyException(
          "Invalid %s.path '%s'".formatted(properties, path),
          "Use '/' and segments of letters, digits, '-', '_' and '.', such as"
              + " /.well-known/jwks.json.");
    }
    return (path != null) ? new ServedJwkSet(name, path, maxAge) : null;
  }
}
