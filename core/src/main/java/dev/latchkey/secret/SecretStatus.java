package dev.latchkey.secret;

import dev.latchkey.secret.SecretValue.Kind;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The status of a rotating secret. It holds no value.
 *
 * @param reference the path that it is read from
 * @param maxAge how long it is served without being confirmed by its store; null if indefinitely
 * @param kind how it changes
 * @param version the version in use
 * @param changedAt when that version came into being, by the store's clock; null if the store
 *     doesn't say
 * @param readAt when it was read
 * @param confirmedAt when the store last proved that it is the newest, or granted or renewed its
 *     lease
 * @param stale whether it is older than its maximum age, and no longer served
 * @param lease its lease; null if there is none
 * @param problem why the last refresh failed; null if it succeeded
 * @param counts what this instance has done since startup
 * @since 0.1
 */
public record SecretStatus(
    SecretReference reference,
    @Nullable Duration maxAge,
    Kind kind,
    long version,
    @Nullable Instant changedAt,
    Instant readAt,
    Instant confirmedAt,
    boolean stale,
    @Nullable LeaseStatus lease,
    @Nullable String problem,
    Counts counts) {

  /**
   * The status of a lease, by this machine's clock.
   *
   * @param id the store's name for it
   * @param renewable whether it can be renewed at all
   * @param takenAt when it was granted
   * @param renewedAt when it was last renewed
   * @param endsAt when it ends unless it is renewed
   * @param replacedAt when it is replaced; null as long as it can be renewed
   * @param overlap how long it stays valid after that
   * @param previous how many leases before it have not ended yet
   */
  public record LeaseStatus(
      String id,
      boolean renewable,
      Instant takenAt,
      Instant renewedAt,
      Instant endsAt,
      @Nullable Instant replacedAt,
      Duration overlap,
      int previous) {}

  /**
   * What this instance has done since startup.
   *
   * @param refreshes how often the store answered
   * @param failures how often a refresh failed
   * @param rotations how often another version was first used
   */
  public record Counts(long refreshes, long failures, long rotations) {}
}
