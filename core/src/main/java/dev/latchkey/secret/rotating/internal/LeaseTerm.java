package dev.latchkey.secret.rotating.internal;

import dev.latchkey.secret.Lease;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * The lifetime of one lease, by this machine's clock. The store doesn't say what the maximum is
 * when it grants a lease; a renewal that is granted less than was requested reveals it.
 *
 * @param standard how long it was granted for
 * @param takenAt when it was requested
 * @param renewedAt when the latest renewal was requested; {@code takenAt} if there was none
 * @param capped whether it cannot last longer than it does now
 * @param loginEndsAt when the login that it was taken with expires, and the lease with it
 */
record LeaseTerm(
    Lease lease,
    Duration standard,
    Instant takenAt,
    Instant renewedAt,
    boolean capped,
    Instant loginEndsAt) {

  /** A lease is renewed after this part of it, so that most of it is left when an outage begins. */
  private static final int RENEWALS = 4;

  /** The last third is for consumers to move to the next lease. */
  private static final int THIRD = 3;

  /** How many retries, at least, fit into a lease. */
  private static final int RETRIES = 8;

  static LeaseTerm taken(Lease lease, Instant at) {
    return new LeaseTerm(lease, lease.duration(), at, at, !lease.renewable(), Instant.MAX);
  }

  LeaseTerm renewed(Lease renewed, Duration requested, Instant at) {
    boolean less = renewed.duration().compareTo(requested) < 0;
    return new LeaseTerm(renewed, standard, takenAt, at, less || !renewed.renewable(), loginEndsAt);
  }

  LeaseTerm unrenewable() {
    return new LeaseTerm(lease, standard, takenAt, renewedAt, true, loginEndsAt);
  }

  LeaseTerm endingWith(Instant login) {
    return login.isBefore(loginEndsAt)
        ? new LeaseTerm(lease, standard, takenAt, renewedAt, capped, login)
        : this;
  }

  /** How long a renewal requests: the standard, or enough to learn of the end early enough. */
  Duration increment(Duration overlap) {
    Duration twice = Duration.ofSeconds(overlap.multipliedBy(2).toSeconds());
    return twice.compareTo(standard) > 0 ? twice : standard;
  }

  Instant endsAt() {
    Instant end = renewedAt.plus(lease.duration());
    return end.isBefore(loginEndsAt) ? end : loginEndsAt;
  }

  boolean isOver(Instant now) {
    return !now.isBefore(endsAt());
  }

  /** A third of its whole lifetime; empty as long as that is unknown. */
  Optional<Duration> third() {
    return capped
        ? Optional.of(Duration.between(takenAt, endsAt()).dividedBy(THIRD))
        : Optional.empty();
  }

  /** When to renew it, or to replace it if it can no longer be renewed. */
  Instant dueAt() {
    return third()
        .map(third -> endsAt().minus(third))
        .orElseGet(() -> renewedAt.plus(lease.duration().dividedBy(RENEWALS)));
  }

  /** Also if the clock was set back meanwhile, since the amount is unknown. */
  boolean isDue(Instant now) {
    return !now.isBefore(dueAt()) || now.isBefore(renewedAt);
  }

  Duration longestBackoff() {
    return lease.duration().dividedBy(RETRIES);
  }
}
