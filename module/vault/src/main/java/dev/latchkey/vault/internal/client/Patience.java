package dev.latchkey.vault.internal.client;

import dev.latchkey.LatchkeyException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How long a start waits for a server that comes up later.
 *
 * @param attempts how often to ask at most, 1 or more
 * @param interval how long to wait after the first attempt
 * @param multiplier how many times longer to wait after each further one, 1 or more
 * @param total how long all of it may take, or null if that is not limited
 * @since 0.1
 */
public record Patience(
    int attempts, Duration interval, double multiplier, @Nullable Duration total) {

  /** Asks once. */
  public static final Patience NONE = new Patience(1, Duration.ofSeconds(1), 1, null);

  public Patience {
    if (attempts < 1) {
      throw new LatchkeyException(
          "latchkey.vault.retry.attempts is %d".formatted(attempts),
          "Set it to 1, which fails at once, or more.");
    }
    if (!(multiplier >= 1 && multiplier <= 10)) {
      throw new LatchkeyException(
          "latchkey.vault.retry.multiplier is %s".formatted(multiplier),
          "Set it to 1, which waits equally long each time, up to 10.");
    }
  }

  /** How long to wait after an attempt, counted from 1; never longer than a minute. */
  Duration after(int attempt) {
    double millis = interval.toMillis() * Math.pow(multiplier, attempt - 1);
    return Duration.ofMillis((long) Math.min(millis, Math.max(interval.toMillis(), 60_000)));
  }
}
