package dev.latchkey.key.internal;

import dev.latchkey.key.KeyDestruction;
import dev.latchkey.key.KeyMetadata;
import dev.latchkey.key.KeyState;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The transitions in the life of a key. Each returns the metadata that the next generation holds.
 */
public final class KeyLife {

  private KeyLife() {}

  /** The progress of a key's life. States of the same age may follow each other both ways. */
  static int age(KeyState state) {
    return switch (state) {
      case PENDING -> 0;
      case ACTIVE -> 1;
      case RETIRED, DISABLED, COMPROMISED, DESTROY_SCHEDULED -> 2;
      case DESTROYED -> 3;
    };
  }

  static KeyMetadata enter(KeyMetadata key, KeyState next) {
    Map<KeyState, Instant> times = times(key);
    if (next != KeyState.COMPROMISED) { // counts from when it was marked
      times.remove(next);
    }
    if (key.state() == KeyState.DISABLED && next == KeyState.RETIRED) { // as if never disabled
      times.remove(KeyState.DISABLED);
    }
    return withDestruction(
        with(key, next, times), next == KeyState.DESTROYED ? key.destruction() : null);
  }

  static KeyMetadata markCompromised(KeyMetadata key, Instant at) {
    Map<KeyState, Instant> times = times(key);
    times.putIfAbsent(KeyState.COMPROMISED, at);
    return with(key, key.state(), times);
  }

  /** A key as read from a generation that the store created at {@code createdAt}. */
  static KeyMetadata complete(KeyMetadata key, Instant createdAt) {
    Map<KeyState, Instant> times = times(key);
    times.putIfAbsent(KeyState.PENDING, createdAt);
    times.putIfAbsent(key.state(), createdAt);
    return with(key, key.state(), times);
  }

  /**
   * A key in the public half: published when its public half is.
   *
   * @param before the key in the previous generation of the public half, or null
   * @param generation the generation of the public half that is being created
   */
  public static KeyMetadata inPublicHalf(
      KeyMetadata key, @Nullable KeyMetadata before, long generation) {
    Map<KeyState, Instant> times = times(key);
    if (before == null) {
      times.remove(KeyState.PENDING);
    } else {
      times.put(KeyState.PENDING, Objects.requireNonNull(before.publishedAt()));
    }
    return new KeyMetadata(
        key.id(),
        key.state(),
        key.template(),
        key.propagation(),
        before == null ? generation : before.firstGeneration(),
        times);
  }

  /** A key that was published no earlier than a time. */
  public static KeyMetadata publishedNotBefore(KeyMetadata key, Instant earliest) {
    Instant publishedAt = key.publishedAt();
    if (publishedAt != null && !publishedAt.isBefore(earliest)) {
      return key;
    }
    Map<KeyState, Instant> times = times(key);
    times.put(KeyState.PENDING, earliest);
    return with(key, key.state(), times);
  }

  /** A spare that a generation publishes again. */
  static KeyMetadata republishedIn(KeyMetadata spare, long generation) {
    return new KeyMetadata(
        spare.id(), spare.state(), spare.template(), spare.propagation(), generation, Map.of());
  }

  /** A key in another store, where a generation is the first that contains it. */
  static KeyMetadata movedTo(KeyMetadata key, long generation, Duration propagationOfSpares) {
    return new KeyMetadata(
        key.id(),
        key.state(),
        key.template(),
        key.state() == KeyState.PENDING ? propagationOfSpares : key.propagation(),
        generation,
        key.times(),
        key.destruction());
  }

  static KeyMetadata withDestruction(KeyMetadata key, @Nullable KeyDestruction destruction) {
    return new KeyMetadata(
        key.id(),
        key.state(),
        key.template(),
        key.propagation(),
        key.firstGeneration(),
        key.times(),
        destruction);
  }

  static KeyDestruction destructionRequestedBy(String who) {
    return new KeyDestruction(who, null, null);
  }

  private static KeyMetadata with(KeyMetadata key, KeyState state, Map<KeyState, Instant> times) {
    return new KeyMetadata(
        key.id(),
        state,
        key.template(),
        key.propagation(),
        key.firstGeneration(),
        times,
        key.destruction());
  }

  private static Map<KeyState, Instant> times(KeyMetadata key) {
    Map<KeyState, Instant> times = new EnumMap<>(KeyState.class);
    times.putAll(key.times());
    return times;
  }
}
