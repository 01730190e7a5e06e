package dev.latchkey.secret.rotating.internal;

import dev.latchkey.LatchkeyException;
import dev.latchkey.secret.SecretReference;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The configuration of a rotating secret. Latchkey detects its kind (key-value, lease or static
 * role) from the store's response.
 *
 * @param name as configured
 * @param reference a whole path
 * @param overlap how long leased credentials stay valid after they have been replaced; capped at a
 *     third of the lease's maximum lifetime
 * @param maxAge how long it is served without being confirmed by the store; null if indefinitely
 * @since 0.1
 */
public record RotatingSecretDefinition(
    String name, SecretReference reference, Duration overlap, @Nullable Duration maxAge) {

  /** Time for a request that uses the replaced credentials to finish. */
  public static final Duration STANDARD_OVERLAP = Duration.ofSeconds(30);

  public RotatingSecretDefinition {
    if (reference.version() != null) {
      throw new LatchkeyException(
          "Secret '%s' pins a version (%s), so it would never rotate".formatted(name, reference),
          "Remove ?version. To use that version, look it up in a property, as in ${%s#field}."
              .formatted(reference));
    }
  }

  /** A secret without a configured name is named by its path, with dots. */
  static RotatingSecretDefinition unnamed(SecretReference reference) {
    return new RotatingSecretDefinition(
        reference.path().replace('/', '.'), reference, STANDARD_OVERLAP, null);
  }
}
