package dev.latchkey.key.internal;

import static dev.latchkey.key.KeyState.ACTIVE;
import static dev.latchkey.key.KeyState.COMPROMISED;
import static dev.latchkey.key.KeyState.DESTROYED;
import static dev.latchkey.key.KeyState.PENDING;
import static dev.latchkey.key.KeyState.RETIRED;

import dev.latchkey.key.KeyDestruction;
import dev.latchkey.key.KeyMetadata;
import dev.latchkey.key.KeyState;
import dev.latchkey.key.KeysetMetadata;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Merges two branches of one keyset: what an instance holds, and what the store holds after a
 * restore from backup. A key keeps the later of its two states, that of the instance if both are
 * equally late, and a key that is compromised or destroyed on one branch is so in the union.
 */
final class KeysetUnion {

  private final Map<Long, KeyMetadata> keys = new LinkedHashMap<>();
  private final Map<Long, List<KeyMetadata>> branches = new HashMap<>();
  private final Function<KeyMetadata, @Nullable KeyDestruction> destruction;

  private KeysetUnion(Function<KeyMetadata, @Nullable KeyDestruction> destruction) {
    this.destruction = destruction;
  }

  /**
   * The keys that are held, if the store holds nothing.
   *
   * @param generation the generation to be written
   */
  static List<KeyMetadata> alone(KeysetMetadata held, long generation) {
    return new KeysetUnion(KeysetUnion::unlessOpen).add(held).keys(generation);
  }

  /**
   * The union of what is held and what the store holds. Unless the store records that a destroyed
   * key was erased from it, it may contain the key's bytes again.
   *
   * @param stored null if it does not open
   */
  static List<KeyMetadata> of(
      KeysetMetadata held, @Nullable KeysetMetadata stored, long generation) {
    KeysetUnion union =
        new KeysetUnion(key -> stored == null ? open(key) : erased(stored, key)).add(held);
    return (stored == null ? union : union.add(stored)).keys(generation);
  }

  private KeysetUnion add(KeysetMetadata more) {
    for (KeyMetadata key : more.keys()) {
      keys.merge(key.id(), key, KeysetUnion::merged);
      branches.computeIfAbsent(key.id(), id -> new ArrayList<>()).add(key);
    }
    return this;
  }

  private static KeyMetadata merged(KeyMetadata held, KeyMetadata stored) {
    boolean storedIsFurther = KeyLife.age(stored.state()) > KeyLife.age(held.state());
    KeyMetadata further = storedIsFurther ? stored : held;
    Instant compromisedAt = (storedIsFurther ? held : stored).times().get(COMPROMISED);
    if (compromisedAt == null || further.compromised()) {
      return further;
    }
    KeyMetadata marked = KeyLife.markCompromised(further, compromisedAt);
    return switch (further.state()) {
      case PENDING, RETIRED, DISABLED -> KeyLife.enter(marked, COMPROMISED);
      case ACTIVE, COMPROMISED, DESTROY_SCHEDULED, DESTROYED -> marked;
    };
  }

  private List<KeyMetadata> keys(long generation) {
    keepNewest(ACTIVE, key -> KeyLife.enter(key, key.compromised() ? COMPROMISED : RETIRED));
    if (in(ACTIVE).findAny().isEmpty()) {
      Stream.of(unretired(), newest(PENDING).map(key -> KeyLife.enter(key, ACTIVE)), lastInUse())
          .flatMap(Optional::stream)
          .findFirst()
          .ifPresent(key -> keys.put(key.id(), key));
    }
    keepNewest(PENDING, key -> KeyLife.enter(key, RETIRED));
    keys.replaceAll(
        (id, key) ->
            switch (key.state()) {
              case PENDING -> KeyLife.republishedIn(key, generation);
              case DESTROYED ->
                  cameDestroyed(key) ? key : KeyLife.withDestruction(key, destruction.apply(key));
              default -> key;
            });
    return List.copyOf(keys.values());
  }

  /** Each branch may have its own active key, or its own spare. */
  private void keepNewest(KeyState state, UnaryOperator<KeyMetadata> otherwise) {
    newest(state)
        .ifPresent(
            newest ->
                keys.replaceAll(
                    (id, key) ->
                        key.state() == state && id != newest.id() ? otherwise.apply(key) : key));
  }

  /**
   * If each branch retired the other's active key: the key that every instance has known for long,
   * unless it is compromised.
   */
  private Optional<KeyMetadata> unretired() {
    return inUse(key -> key.state() == RETIRED && !key.compromised());
  }

  /** If there is no spare either: a keyset needs an active key, which stays marked. */
  private Optional<KeyMetadata> lastInUse() {
    return inUse(key -> key.state() != DESTROYED)
        .map(key -> KeyLife.enter(Objects.requireNonNull(keys.get(key.id())), ACTIVE));
  }

  /** The key promoted last among those that are active on a branch, as it is there. */
  private Optional<KeyMetadata> inUse(Predicate<KeyMetadata> inUnion) {
    return newest(
        keys.values().stream()
            .filter(inUnion)
            .flatMap(key -> on(key).stream())
            .filter(key -> key.state() == ACTIVE));
  }

  /** Whether it was imported as destroyed: its bytes were never stored here. */
  private boolean cameDestroyed(KeyMetadata key) {
    return on(key).stream().allMatch(it -> it.state() == DESTROYED && it.destruction() == null);
  }

  private List<KeyMetadata> on(KeyMetadata key) {
    return branches.getOrDefault(key.id(), List.of());
  }

  private Optional<KeyMetadata> newest(KeyState state) {
    return newest(in(state));
  }

  private static Optional<KeyMetadata> newest(Stream<KeyMetadata> of) {
    return of.max(Comparator.comparing(key -> Objects.requireNonNull(key.since())));
  }

  private Stream<KeyMetadata> in(KeyState state) {
    return keys.values().stream().filter(key -> key.state() == state);
  }

  private static @Nullable KeyDestruction erased(KeysetMetadata stored, KeyMetadata key) {
    return stored
        .find(key.id())
        .map(KeyMetadata::destruction)
        .filter(it -> it.receipt() != null)
        .orElseGet(() -> open(key));
  }

  private static @Nullable KeyDestruction unlessOpen(KeyMetadata key) {
    return key.destructionIsOpen() ? open(key) : key.destruction();
  }

  private static KeyDestruction open(KeyMetadata key) {
    KeyDestruction asked = key.destruction();
    return KeyLife.destructionRequestedBy(asked == null ? "unknown" : asked.by());
  }
}
