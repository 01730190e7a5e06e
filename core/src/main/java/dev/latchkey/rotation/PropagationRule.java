package dev.latchkey.rotation;

import dev.latchkey.LatchkeyException;
import java.time.Duration;

/**
 * How long a spare must be published before it is certain that every instance that still serves
 * knows it, and every backup that may be restored: {@code P >= max(F + E, B) + S}. The skew counts
 * for both: a node that is behind publishes, one that is ahead promotes.
 *
 * @param maxStaleness F, the greatest age of what an instance may work with
 * @param drain E, the time in which an instance stops, plus the longest request
 * @param clockSkew S, the skew between the clocks of the store's own nodes
 * @param backupInterval B, the time between two backups of the store; zero if there are none
 * @since 0.1
 */
public record PropagationRule(
    Duration maxStaleness, Duration drain, Duration clockSkew, Duration backupInterval) {

  /** For a store that only one process uses: a spare is known as soon as it is written. */
  public static final PropagationRule SINGLE_PROCESS =
      new PropagationRule(Duration.ZERO, Duration.ZERO, Duration.ZERO, Duration.ZERO);

  /** The least propagation that is safe. */
  public Duration least() {
    Duration served = maxStaleness.plus(drain);
    return (served.compareTo(backupInterval) >= 0 ? served : backupInterval).plus(clockSkew);
  }

  /**
   * Refuses a propagation that is not safe.
   *
   * @throws LatchkeyException showing the sum
   */
  public void check(String keyset, Duration propagation) {
    if (propagation.compareTo(least()) < 0) {
      throw new LatchkeyException(
          ("Keyset %s: rotation.propagation is %s, but must be at least %s = max(max-staleness %s"
                  + " + drain %s, backup-interval %s) + clock-skew %s")
              .formatted(
                  keyset, propagation, least(), maxStaleness, drain, backupInterval, clockSkew),
          "Raise latchkey.keysets.%s.rotation.propagation, or lower latchkey.rotation.* to what holds for your instances."
              .formatted(keyset));
    }
  }
}
