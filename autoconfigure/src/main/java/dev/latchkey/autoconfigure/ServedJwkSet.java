package dev.latchkey.autoconfigure;

import dev.latchkey.LatchkeyException;
import dev.latchkey.autoconfigure.internal.Durations;
import dev.latchkey.keyset.JwkSets;
import dev.latchkey.keyset.KeysetTemplate;
import dev.latchkey.keyset.PrimitiveFamily;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A JWK set that the application serves.
 *
 * @param keyset the name of the keyset whose public keys it holds
 * @param path within the application
 * @param maxAge how long others may keep it
 */
record ServedJwkSet(String keyset, String path, Duration maxAge) {

  private static final Pattern PATH = Pattern.compile("(/(?!\\.{1,2}(/|$))[A-Za-z0-9_.-]+)+");

  /**
   * All JWK sets that are to be served.
   *
   * @throws LatchkeyException if one cannot be
   */
  static List<ServedJwkSet> allOf(Map<String, LatchkeyProperties.Keyset> keysets) {
    Map<String, ServedJwkSet> byPath = new LinkedHashMap<>();
    keysets.forEach(
        (name, keyset) -> {
          ServedJwkSet served = of(name, keyset);
          ServedJwkSet other = (served != null) ? byPath.put(served.path, served) : null;
          if (other != null) {
            throw new LatchkeyException(
                "latchkey.keysets.%s.jwks.path and latchkey.keysets.%s.jwks.path are both '%s'"
                    .formatted(other.keyset, name, other.path),
                "Serve each JWK set at a path of its own.");
          }
        });
    return List.copyOf(byPath.values());
  }

  private static @Nullable ServedJwkSet of(String name, LatchkeyProperties.Keyset keyset) {
    String properties = "latchkey.keysets." + name + ".jwks";
    String path = keyset.jwks().path();
    Duration maxAge = keyset.jwks().maxAge();
    Durations.requireNotNegative(properties + ".max-age", maxAge);
    if (path == null && maxAge.isZero()) {
      return null;
    }
    String template = String.valueOf(keyset.template());
    if (!JwkSets.canHold(KeysetTemplate.of(template))) {
      throw new LatchkeyException(
          "%s is set, but keys of %s have no form in a JWK set".formatted(properties, template),
          "Remove it, or use a template for JWT signatures, such as %s."
              .formatted(PrimitiveFamily.JWT_SIGNATURE.example()));
    }
    if (path != null && !PATH.matcher(path).matches()) {
      throw new LatchkeyException(
          "%s.path is '%s', which cannot be served".formatted(properties, path),
          "Use '/' and segments of letters, digits, '-', '_' and '.', such as"
              + " /.well-known/jwks.json.");
    }
    return (path != null) ? new ServedJwkSet(name, path, maxAge) : null;
  }
}
