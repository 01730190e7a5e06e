package dev.latchkey.secret.rotating.internal;

import dev.latchkey.LatchkeyException;
import dev.latchkey.secret.SecretReference;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A secret that rotates, as the application wants it. Of what kind it is (a KV value, a lease, a
 * static role), the store tells when it is read.
 *
 * @param name as in {@code latchkey.secrets.<name>}
 * @param reference a whole path
 * @param overlap how long credentials with a lease stay valid after others took their place; capped
 *     at a third of the lease's greatest lifetime
 * @param maxAge how long it is given without being confirmed by the store, or null for ever
 * @since 0.1
 */
public record RotatingSecretDefinition(
    String name, SecretReference reference, Duration overlap, @Nullable Duration maxAge) {

  /** Time for a request that uses the old credentials to end. */
  public static final Duration STANDARD_OVERLAP = Duration.ofSeconds(30);

  public RotatingSecretDefinition {
    if (reference.version() != null) {
      throw new LatchkeyException(
          "The secret '%s' pins a version, %s: it would never rotate".formatted(name, reference),
          "Take ?version away; or look the version up in a property, as in ${%s#field}."
              .formatted(reference));
    }
  }

  /** A secret without a name of its own: it is called by its path, with dots. */
  static RotatingSecretDefinition unnamed(SecretReference reference) {
    return new RotatingSecretDefinition(
        reference.path().replace('/', '.'), reference, STANDARD_OVERLAP, null);
  }
}
