package dev.latchkey.key.rotation.internal;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Whether the time can be trusted to end the use of a key, which may lose data. Two clocks must
 * agree: the store's and this instance's. Where both are one, as in an embedded store, that clock
 * must not have jumped: a clock that measures only durations shows that it did.
 */
final class ClockTrust {

  /** How long nothing ends after a jump, so that a person can notice it. */
  private static final Duration QUIET = Duration.ofHours(24);

  private final Clock clock;
  private final LongSupplier nanoTime;
  private final Duration maxDifference;
  private Instant lastTime;
  private long lastNanos;
  private @Nullable Long jumpedAt;
  private Duration jump = Duration.ZERO;
  private Duration difference = Duration.ZERO;

  /**
   * @param clock this instance's clock
   * @param nanoTime measures durations, as {@link System#nanoTime()} does
   * @param maxDifference how far clocks may differ, and how far one may jump
   */
  ClockTrust(Clock clock, LongSupplier nanoTime, Duration maxDifference) {
    this.clock = clock;
    this.nanoTime = nanoTime;
    this.maxDifference = maxDifference;
    this.lastTime = clock.instant();
    this.lastNanos = nanoTime.getAsLong();
  }

  /** Compares the clocks at each response of the store. */
  synchronized void observe(Instant storeTime) {
    Instant time = clock.instant();
    long nanos = nanoTime.getAsLong();
    Duration drift = Duration.between(lastTime, time).minusNanos(nanos - lastNanos);
    if (exceeds(drift)) {
      jumpedAt = nanos;
      jump = drift;
    }
    lastTime = time;
    lastNanos = nanos;
    difference = Duration.between(time, storeTime);
  }

  /** Why no key's use may end now, or null. */
  synchronized @Nullable String doubt() {
    if (exceeds(difference)) {
      return "the store's clock is %s %s this instance's"
          .formatted(difference.abs(), difference.isNegative() ? "behind" : "ahead of");
    }
    if (jumpedAt != null && nanoTime.getAsLong() - jumpedAt < QUIET.toNanos()) {
      return "the clock was set %s by %s"
          .formatted(jump.isNegative() ? "back" : "forward", jump.abs());
    }
    return null;
  }

  /** Whether a time cannot be one that a right clock has shown. */
  boolean isInFuture(Instant time, Instant storeNow) {
    return time.isAfter(storeNow.plus(maxDifference));
  }

  private boolean exceeds(Duration duration) {
    return duration.abs().compareTo(maxDifference) > 0;
  }
}
