package dev.latchkey.secret;

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
}
