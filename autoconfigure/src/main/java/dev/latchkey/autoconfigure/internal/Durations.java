package dev.latchkey.autoconfigure.internal;

import dev.latchkey.LatchkeyException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Checks durations of properties. */
public final class Durations {

  private Durations() {}

  /** Refuses a duration shorter than a millisecond. */
  public static void requirePositive(String property, Duration duration) {
    if (duration.compareTo(Duration.ofMillis(1)) < 0) {
      throw new LatchkeyException(
          "%s is %s".formatted(property, duration),
          "Give a positive duration, such as 5s, or remove the property.");
    }
  }

  public static void requireNotNegative(String property, @Nullable Duration duration) {
    if (duration != null && duration.isNegative()) {
      throw new LatchkeyException(
          "%s is %s".formatted(property, duration),
          "Give a duration of zero or more, or remove the property.");
    }
  }
}
