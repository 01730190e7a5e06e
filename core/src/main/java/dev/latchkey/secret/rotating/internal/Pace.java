package dev.latchkey.secret.rotating.internal;

import dev.latchkey.secret.SecretKind;
import dev.latchkey.secret.SecretReading;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** When the next step of following a secret is due. */
final class Pace {

  /** The greatest part of an interval by which it is shortened, so that instances spread. */
  private static final double JITTER = 0.2;

  private static final Duration SHORTEST = Duration.ofMillis(100);
  private static final Duration FIRST_PAUSE = Duration.ofMillis(500);
  private static final Duration LONGEST_PAUSE_OF_STATIC_ROLE = Duration.ofSeconds(5);

  /** A store changes the password of a static role late rather than early. */
  private static final Duration LATENESS = Duration.ofMillis(250);

  private final Duration interval;
  private final RandomGenerator random;
  private int failures;

  /**
   * @param interval how often to ask for news, at least
   * @param maxAge how long nobody may have asked with success, or null
   */
  Pace(Duration interval, @Nullable Duration maxAge, RandomGenerator random) {
    this.interval = maxAge == null ? interval : shorter(maxAge.dividedBy(3), interval);
    this.random = random;
  }

  /** How long after a step there is another one, whatever it is good for. */
  Duration interval() {
    return interval;
  }

  /**
   * How long it is to the next step after one that succeeded.
   *
   * @param anotherLogin whether leases may end with the login that they were taken with
   */
  Duration afterSuccess(SecretReading held, Leases leases, boolean anotherLogin, Instant now) {
    failures = 0;
    if (anotherLogin && leases.term().isPresent()) {
      return SHORTEST;
    }
    Duration regular =
        switch (held.kind()) {
          case KV -> shortened(interval);
          case STATIC_ROLE -> untilChanged(held);
          case LEASE -> interval;
        };
    return Stream.concat(
            leases.term().isPresent() ? Stream.empty() : Stream.of(regular),
            leases.dueAt().map(due -> Duration.between(now, due)))
        .min(Duration::compareTo)
        .filter(next -> next.compareTo(SHORTEST) > 0)
        .orElse(SHORTEST);
  }

  private Duration untilChanged(SecretReading held) {
    Duration changesIn = Objects.requireNonNullElse(held.changesIn(), interval);
    return shorter(
        changesIn.isZero() ? LATENESS.multipliedBy(4) : changesIn.plus(LATENESS), interval);
  }

  /** How long to wait after a step that failed: twice as long after each. */
  Duration afterFailure(SecretReading held, Leases leases) {
    Duration longest =
        held.kind() == SecretKind.STATIC_ROLE
            ? shorter(LONGEST_PAUSE_OF_STATIC_ROLE, interval)
            : interval;
    Duration share =
        leases.term().map(term -> term.lease().duration().dividedBy(8)).orElse(longest);
    Duration pause = FIRST_PAUSE.multipliedBy(1L << Math.min(failures, 10));
    failures++;
    return shortened(shorter(pause, shorter(share, longest)));
  }

  private static Duration shorter(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? one : other;
  }

  private Duration shortened(Duration duration) {
    return Duration.ofMillis(
        Math.max(
            SHORTEST.toMillis(),
            (long) (duration.toMillis() * (1 - JITTER * random.nextDouble()))));
  }
}
