package dev.latchkey.key.rotation.internal.simulation;

import java.time.Duration;
import java.util.List;
import java.util.Random;

/** All that is random in a simulation: one sequence that follows from the seed. */
final class Chance {

  private final Random random;

  Chance(long seed) {
    this.random = new Random(seed * 0x9E3779B97F4A7C15L);
  }

  boolean of(double probability) {
    return random.nextDouble() < probability;
  }

  int below(int bound) {
    return random.nextInt(bound);
  }

  <T> T pick(List<T> from) {
    return from.get(random.nextInt(from.size()));
  }

  @SafeVarargs
  final <T> T pick(T... from) {
    return from[random.nextInt(from.length)];
  }

  Duration between(Duration least, Duration greatest) {
    long range = greatest.toMillis() - least.toMillis();
    return least.plusMillis((long) (random.nextDouble() * range));
  }

  Duration upTo(Duration greatest) {
    return between(Duration.ZERO, greatest);
  }

  /** In the whole range on either side of zero, and often at its ends: there rules break. */
  Duration within(Duration limit) {
    double part = of(0.5) ? pick(-1.0, 1.0) : random.nextDouble() * 2 - 1;
    return Duration.ofMillis((long) (part * limit.toMillis()));
  }

  /** The time to the next of events that happen by chance, once in {@code mean} on average. */
  Duration exponential(Duration mean) {
    return Duration.ofMillis((long) (-Math.log(1 - random.nextDouble()) * mean.toMillis()) + 1);
  }
}
