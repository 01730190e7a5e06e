package dev.latchkey.follow.internal;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * Jitter and exponential backoff for one subject. Instances that start together spread their
 * requests over time, and a store that fails is not asked ever faster.
 *
 * @since 0.1
 */
public final class Pacing {

  /** The shortest delay between two steps. */
  public static final Duration SHORTEST = Duration.ofMillis(100);

  /** The largest part of a delay by which jitter shortens it. */
  private static final double JITTER = 0.2;

  private static final Duration FIRST_BACKOFF = Duration.ofMillis(500);
  private static final int MAX_DOUBLINGS = 10;

  private final RandomGenerator random;
  private int failures;

  public Pacing(RandomGenerator random) {
    this.random = random;
  }

  /** Shortens a delay by up to a fifth, at random. */
  public Duration jittered(Duration delay) {
    double millis = delay.toMillis() * (1 - JITTER * random.nextDouble());
    return Duration.ofMillis(Math.max(SHORTEST.toMillis(), (long) millis));
  }

  /** Resets the backoff. */
  public void succeeded() {
    failures = 0;
  }

  /** How long to wait after a failed step: twice as long after each, and no longer than a limit. */
  public Duration backoff(Duration atMost) {
    Duration backoff = FIRST_BACKOFF.multipliedBy(1L << Math.min(failures, MAX_DOUBLINGS));
    failures++;
    return jittered(backoff.compareTo(atMost) < 0 ? backoff : atMost);
  }
}
