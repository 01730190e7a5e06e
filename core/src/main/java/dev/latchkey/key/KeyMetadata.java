package dev.latchkey.key;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The metadata of one key: everything except its bytes.
 *
 * <p>All times are the store's: the creation time of the generation in which the key entered a
 * state. While a generation is written, this time is unknown and missing from the document. Reading
 * the generation completes it, and the next write keeps it.
 *
 * @param id the key's id in the Tink keyset, as an unsigned 32-bit number
 * @param state what the key may do now
 * @param template the Tink template that it was created from, such as {@code AES256_GCM}
 * @param propagation how long it must have been published before it may be promoted
 * @param firstGeneration the first generation that contains it
 * @param times when the key entered each of its states that was not reverted, by the store's clock
 * @param destruction the progress of its destruction; null if it was not requested
 * @since 0.1
 */
public record KeyMetadata(
    long id,
    KeyState state,
    String template,
    Duration propagation,
    long firstGeneration,
    Map<KeyState, Instant> times,
    @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable KeyDestruction destruction) {

  public KeyMetadata {
    Objects.requireNonNull(state);
    Objects.requireNonNull(template);
    if (id < 0 || id > 0xFFFF_FFFFL) {
      throw new IllegalArgumentException("id is not an unsigned 32-bit number");
    }
    if (propagation.isNegative()) {
      throw new IllegalArgumentException("propagation is negative");
    }
    if (firstGeneration < 1) {
      throw new IllegalArgumentException("firstGeneration is not a generation");
    }
    Map<KeyState, Instant> copy = new EnumMap<>(KeyState.class);
    copy.putAll(times);
    times = Collections.unmodifiableMap(copy);
  }

  /** A key whose destruction was not requested. */
  public KeyMetadata(
      long id,
      KeyState state,
      String template,
      Duration propagation,
      long firstGeneration,
      Map<KeyState, Instant> times) {
    this(id, state, template, propagation, firstGeneration, times, null);
  }

  /** When the key was published, or null in the generation that publishes it. */
  public @Nullable Instant publishedAt() {
    return times.get(KeyState.PENDING);
  }

  /** When the key entered its state, or null in the generation in which it does. */
  public @Nullable Instant since() {
    return times.get(state);
  }

  /** When the key may be promoted, or null while this is unknown. */
  public @Nullable Instant promotableFrom() {
    Instant publishedAt = publishedAt();
    return (publishedAt != null) ? publishedAt.plus(propagation) : null;
  }

  /** Whether it is compromised, whatever its state. */
  public boolean compromised() {
    return state == KeyState.COMPROMISED || times.containsKey(KeyState.COMPROMISED);
  }

  /** The state to return to when a scheduled destruction is canceled. */
  public KeyState stateBeforeDestroyScheduled() {
    if (compromised()) {
      return KeyState.COMPROMISED;
    }
    return times.containsKey(KeyState.DISABLED) ? KeyState.DISABLED : KeyState.RETIRED;
  }

  /** Whether its destruction was requested and is not complete. */
  public boolean destructionIsOpen() {
    return destruction != null && destruction.receipt() == null;
  }
}
