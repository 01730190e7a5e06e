package dev.latchkey.secret.rotating.internal;

import dev.latchkey.follow.internal.Pacing;
import dev.latchkey.secret.SecretValue;
import dev.latchkey.secret.SecretValue.Kind;
import java.time.Duration;
import java.time.Instant;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** When the next step for a secret of any kind is due. */
final class SecretSchedule {

  private static final Duration LONGEST_BACKOFF_OF_STATIC_ROLE = Duration.ofSeconds(5);

  /** A store rotates a static role late rather than early. */
  private static final Duration LATENESS = Duration.ofMillis(250);

  private final Duration interval;
  private final Pacing pacing;

  /**
   * @param interval how often to poll the store, at least
   * @param maxAge how long the secret may go without confirmation, or null
   */
  SecretSchedule(Duration interval, @Nullable Duration maxAge, RandomGenerator random) {
    this.interval = maxAge == null ? interval : shorter(maxAge.dividedBy(3), interval);
    this.pacing = new Pacing(random);
  }

  /**
   * How long until the next step after one that succeeded.
   *
   * @param loggedInAgain whether leases may end with the login that they were taken with
   */
  Duration afterSuccess(SecretValue held, Leases leases, boolean loggedInAgain, Instant now) {
    pacing.succeeded();
    if (loggedInAgain && leases.term().isPresent()) {
      return Pacing.SHORTEST;
    }
    Stream<Duration> poll = leases.term().isPresent() ? Stream.empty() : Stream.of(untilPoll(held));
    return Stream.concat(poll, leases.dueAt().map(due -> Duration.between(now, due)))
        .min(Duration::compareTo)
        .filter(next -> next.compareTo(Pacing.SHORTEST) > 0)
        .orElse(Pacing.SHORTEST);
  }

  private Duration untilPoll(SecretValue held) {
    if (held.kind() == Kind.KV) {
      return pacing.jittered(interval);
    }
    Duration changesIn = held.changesIn().orElse(interval);
    return shorter(
        changesIn.isZero() ? LATENESS.multipliedBy(4) : changesIn.plus(LATENESS), interval);
  }

  /** How long until the next step after one that failed. */
  Duration afterFailure(SecretValue held, Leases leases) {
    Duration atMost =
        held.kind() == Kind.STATIC_ROLE
            ? LONGEST_BACKOFF_OF_STATIC_ROLE
            : leases.term().map(LeaseTerm::longestBackoff).orElse(interval);
    return pacing.backoff(shorter(atMost, interval));
  }

  private static Duration shorter(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? one : other;
  }
}
