package dev.latchkey.key.rotation;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * How far the keys in use may lag behind those in the store.
 *
 * @param state the assessment
 * @param lastProvedRead when an answer of the store was last proved to be its newest, by the
 *     store's clock; null if none was since startup
 * @param age how long ago that was; counts from startup if no answer was proved since then
 * @since 0.1
 */
public record Freshness(State state, @Nullable Instant lastProvedRead, Duration age) {

  /** From the best to the worst. */
  public enum State {
    /** The last answer is proved to be the store's newest. */
    PROVEN,
    /** The last answer may be outdated, such as from a node that is cut off. */
    UNPROVEN,
    /** No answer was proved for longer than {@code latchkey.rotation.max-staleness}. */
    STALE
  }
}
