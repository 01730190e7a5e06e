package dev.latchkey.key.rotation.internal;

import dev.latchkey.LatchkeyException;
import dev.latchkey.key.KeysetId;
import java.time.Duration;

/**
 * How long a spare must be published until every instance that serves requests knows it, and every
 * backup that may be restored holds it: {@code P >= max(F + E + A, B) + S}. The skew applies to
 * both: a node whose clock is slow publishes, one whose clock is fast promotes.
 *
 * @param maxStaleness F, the maximum age of the keys that an instance may use
 * @param drain E, the time in which an instance stops, plus the longest request
 * @param clockSkew S, the skew between the clocks of the store's nodes
 * @param backupInterval B, the time between two backups of the store; zero if there are none
 * @param jwksMaxAge A, how long clients may cache a JWK set; zero if none is served
 */
public record PropagationRule(
    Duration maxStaleness,
    Duration drain,
    Duration clockSkew,
    Duration backupInterval,
    Duration jwksMaxAge) {

  /** The rule if no JWK set is served. */
  public PropagationRule(
      Duration maxStaleness, Duration drain, Duration clockSkew, Duration backupInterval) {
    this(maxStaleness, drain, clockSkew, backupInterval, Duration.ZERO);
  }

  /** The rule for a store that only one process uses: a spare is known once it is written. */
  public static final PropagationRule SINGLE_PROCESS =
      new PropagationRule(Duration.ZERO, Duration.ZERO, Duration.ZERO, Duration.ZERO);

  /** This rule if clients may cache a JWK set for this long. */
  public PropagationRule withJwksMaxAge(Duration maxAge) {
    return new PropagationRule(maxStaleness, drain, clockSkew, backupInterval, maxAge);
  }

  /** The shortest propagation that is safe. */
  public Duration least() {
    Duration served = maxStaleness.plus(drain).plus(jwksMaxAge);
    return (served.compareTo(backupInterval) >= 0 ? served : backupInterval).plus(clockSkew);
  }

  /**
   * Rejects a propagation that is not safe.
   *
   * @throws LatchkeyException showing the sum
   */
  public void check(String keyset, Duration propagation) {
    check(
        "Keyset %s: rotation.propagation is %s".formatted(keyset, propagation),
        propagation,
        "Raise rotation.propagation of the keyset, or lower these times to what your instances guarantee.");
  }

  /**
   * Rejects a propagation that another application configured and that is not safe here.
   *
   * @throws LatchkeyException showing the sum
   */
  void checkForeign(KeysetId keyset, Duration propagation) {
    check(
        "Keyset %s: its owner %s promotes keys %s after publishing them"
            .formatted(keyset.name(), keyset.owner(), propagation),
        propagation,
        "Lower these times here to what your instances guarantee, or raise rotation.propagation in %s."
            .formatted(keyset.owner()));
  }

  private void check(String what, Duration propagation, String action) {
    if (propagation.compareTo(least()) < 0) {
      String caching = jwksMaxAge.isZero() ? "" : " + jwks.max-age " + jwksMaxAge;
      throw new LatchkeyException(
          "%s, but must be at least %s = max(max-staleness %s + drain %s%s, backup-interval %s) + clock-skew %s"
              .formatted(what, least(), maxStaleness, drain, caching, backupInterval, clockSkew),
          action);
    }
  }
}
