package dev.latchkey.key.rotation.internal;

import dev.latchkey.LatchkeyException;
import dev.latchkey.key.KeysetId;
import java.time.Duration;

/**
 * How long a spare must be published before it is certain that every instance that still serves
 * knows it, and every backup that may be restored: {@code P >= max(F + E + A, B) + S}. The skew
 * counts for both: a node that is behind publishes, one that is ahead promotes.
 *
 * @param maxStaleness F, the greatest age of what an instance may work with
 * @param drain E, the time in which an instance stops, plus the longest request
 * @param clockSkew S, the skew between the clocks of the store's own nodes
 * @param backupInterval B, the time between two backups of the store; zero if there are none
 * @param jwksMaxAge A, how long others may keep what an instance gave them as its JWK set; zero if
 *     it gives none
 * @since 0.1
 */
public record PropagationRule(
    Duration maxStaleness,
    Duration drain,
    Duration clockSkew,
    Duration backupInterval,
    Duration jwksMaxAge) {

  /** The rule where nobody is given a JWK set. */
  public PropagationRule(
      Duration maxStaleness, Duration drain, Duration clockSkew, Duration backupInterval) {
    this(maxStaleness, drain, clockSkew, backupInterval, Duration.ZERO);
  }

  /** For a store that only one process uses: a spare is known as soon as it is written. */
  public static final PropagationRule SINGLE_PROCESS =
      new PropagationRule(Duration.ZERO, Duration.ZERO, Duration.ZERO, Duration.ZERO);

  /** This rule where others may keep a JWK set for so long. */
  public PropagationRule withJwksMaxAge(Duration maxAge) {
    return new PropagationRule(maxStaleness, drain, clockSkew, backupInterval, maxAge);
  }

  /** The least propagation that is safe. */
  public Duration least() {
    Duration served = maxStaleness.plus(drain).plus(jwksMaxAge);
    return (served.compareTo(backupInterval) >= 0 ? served : backupInterval).plus(clockSkew);
  }

  /**
   * Refuses a propagation that is not safe.
   *
   * @throws LatchkeyException showing the sum
   */
  public void check(String keyset, Duration propagation) {
    check(
        "Keyset %s: rotation.propagation is %s".formatted(keyset, propagation),
        propagation,
        "Raise latchkey.keysets.%s.rotation.propagation, or lower latchkey.rotation.* to what holds for your instances."
            .formatted(keyset));
  }

  /**
   * Refuses a propagation that another application chose and that is not safe here.
   *
   * @throws LatchkeyException showing the sum
   */
  void checkForeign(KeysetId keyset, Duration propagation) {
    check(
        "Keyset %s of %s: its owner promotes keys %s after their publication"
            .formatted(keyset.name(), keyset.owner(), propagation),
        propagation,
        "Lower latchkey.rotation.* here to what holds for your instances, or have %s raise its rotation.propagation."
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
