package dev.latchkey.follow.internal;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The outcome of a step.
 *
 * @param next how long until the next step is due; null if there is nothing left to follow
 * @param changed whether the store had something new
 * @since 0.1
 */
public record Step(@Nullable Duration next, boolean changed) {

  /** The last step: the engine takes no other. */
  public static Step last() {
    return new Step(null, false);
  }
}
