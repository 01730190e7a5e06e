package dev.latchkey.key.rotation;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * How far the keys in use may be behind those in the store.
 *
 * @param state what is known of it
 * @param lastProvedRead when the store last gave what is proved to be its newest, by its own clock;
 *     null if it did not since the start
 * @param age how long ago that was; counts from the start if it did not since then
 * @since 0.1
 */
public record Freshness(State state, @Nullable Instant lastProvedRead, Duration age) {

  /** From the best to the worst. */
  public enum State {
    /** The newest answer is proved to be the store's newest. */
    PROVEN,
    /** The newest answer may be an old one, such as from a node that is cut off. */
    UNPROVEN,
    /** Nothing was proved for longer than {@code latchkey.rotation.max-staleness}. */
    STALE
  }
}
