package dev.latchkey.secret.rotating.internal;

import dev.latchkey.secret.Lease;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * The life of one lease, by this machine's clock. How long it may live at most, nobody says when it
 * is given; a renewal that is granted less than was asked for tells.
 *
 * @param standard how long it was given for
 * @param takenAt when it was asked for
 * @param renewedAt when the latest renewal was asked for; {@code takenAt} if there was none
 * @param capped whether it cannot last longer than it does now
 * @param loginEndsAt when it ends however often it is renewed: with the login that it was taken
 *     with
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

  /** Its last third belongs to whoever moves to the next one. */
  private static final int THIRD = 3;

  static LeaseTerm taken(Lease lease, Instant at) {
    return new LeaseTerm(lease, lease.duration(), at, at, !lease.renewable(), Instant.MAX);
  }

  LeaseTerm renewed(Lease renewed, Duration asked, Instant at) {
    boolean less = renewed.duration().compareTo(asked) < 0;
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

  /**
   * How much to ask for: never less than it was given for, and enough to know before the end that
   * it is near.
   */
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

  /** A third of its whole life; empty as long as nobody knows how long that is. */
  Optional<Duration> third() {
    return capped
        ? Optional.of(Duration.between(takenAt, endsAt()).dividedBy(THIRD))
        : Optional.empty();
  }

  /** When to renew it; when to replace it, if it cannot be renewed any more. */
  Instant dueAt() {
    return third()
        .map(third -> endsAt().minus(third))
        .orElseGet(() -> renewedAt.plus(lease.duration().dividedBy(RENEWALS)));
  }

  /** Also if the clock went back meanwhile: nobody knows by how much. */
  boolean isDue(Instant now) {
    return !now.isBefore(dueAt()) || now.isBefore(renewedAt);
  }
}
