package dev.latchkey.autoconfigure.internal;

import dev.latchkey.LatchkeyException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Validates durations in properties. */
public final class Durations {

  private Durations() {}

  /** Refuses a duration shorter than a millisecond. */
  public static void requirePositive(String property, Duration duration) {
    if (duration.compareTo(Duration.ofMillis(1)) < 0) {
      throw new LatchkeyException(
          "Invalid %s '%s': expected a positive duration".formatted(property, duration),
          "Set it to a positive duration, such as 5s, or remove it.");
    }
  }

  public static void requireNotNegative(String property, @Nullable Duration duration) {
    if (duration != null && duration.isNegative()) {
      throw new LatchkeyException(
          "Invalid %s '%s': expected zero or more".formatted(property, duration),
          "Set it to a duration of zero or more, or remove it.");
    }
  }
}
