package dev.latchkey.secret;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * How a secret that rotates stands. Holds no value.
 *
 * @param reference the path that it is read from
 * @param maxAge how long it is served without being confirmed by its store; null if indefinitely
 * @param kind how it changes
 * @param version the version in use
 * @param changedAt when that version came about, by the store's clock; null where it does not say
 * @param readAt when it was read
 * @param confirmedAt when the store last said, with proof, that it is the newest, or gave or
 *     renewed its lease
 * @param withheld whether it is too old to be given
 * @param lease its lease; null where there is none
 * @param problem why the last attempt to follow it failed; null if it succeeded
 * @param counts what this instance did since it started
 * @since 0.1
 */
public record SecretStatus(
    SecretReference reference,
    @Nullable Duration maxAge,
    SecretKind kind,
    long version,
    @Nullable Instant changedAt,
    Instant readAt,
    Instant confirmedAt,
    boolean withheld,
    @Nullable LeaseStatus lease,
    @Nullable String problem,
    Counts counts) {

  /**
   * How a lease stands, by this machine's clock.
   *
   * @param id the store's name of it
   * @param renewable whether it can be renewed at all
   * @param takenAt when it was given
   * @param renewedAt when it was last renewed
   * @param endsAt when it ends if it is not renewed
   * @param replacedAt from when on another takes its place; null as long as it can be renewed
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
   * What this instance did since it started.
   *
   * @param refreshes how often the store was asked and answered
   * @param failures how often it was asked in vain
   * @param rotations how often another version came into use
   */
  public record Counts(long refreshes, long failures, long rotations) {}
}
