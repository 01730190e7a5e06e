package dev.latchkey.key.internal;

import com.google.crypto.tink.KeyStatus;
import com.google.crypto.tink.KeysetHandle;
import dev.latchkey.key.KeyDestruction;
import dev.latchkey.key.KeyMetadata;
import dev.latchkey.key.KeyState;
import dev.latchkey.key.KeysetId;
import dev.latchkey.key.KeysetMetadata;
import dev.latchkey.key.KeysetTemplate;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Creates the next generation of a keyset. The state of a key alone determines its status in Tink.
 * The id of a key, even of a destroyed one, is never used again.
 */
public final class KeysetEditor {

  private static final SecureRandom RANDOM = new SecureRandom();

  private final KeysetId keyset;
  private final long generation;
  private final long restores;
  private final List<KeyMetadata> keys = new ArrayList<>();

  /** The ids of the keys in {@link #handle}, in its order. */
  private final List<Long> handleIds = new ArrayList<>();

  private final KeysetHandle.Builder handle;

  private KeysetEditor(
      KeysetId keyset, long generation, long restores, KeysetHandle.Builder handle) {
    this.keyset = keyset;
    this.generation = generation;
    this.restores = restores;
    this.handle = handle;
  }

  /** Starts a new keyset: one active key and a spare. */
  public static KeysetEditor create(
      KeysetId keyset, KeysetTemplate template, Duration propagation) {
    return new KeysetEditor(keyset, 1, 0, KeysetHandle.newBuilder())
        .add(KeyState.ACTIVE, template, propagation)
        .addSpare(template, propagation);
  }

  /**
   * Starts a new keyset with existing keys.
   *
   * @param handle the keys that are not destroyed
   */
  public static KeysetEditor adopt(KeysetId keyset, KeysetHandle handle, List<KeyMetadata> keys) {
    KeysetEditor editor = new KeysetEditor(keyset, 1, 0, KeysetHandle.newBuilder(handle));
    editor.keys.addAll(keys);
    for (int i = 0; i < handle.size(); i++) {
      editor.handleIds.add(id(handle, i));
    }
    return editor;
  }

  /**
   * Starts a new keyset with the keys of a keyset in another store, in their states. The spare is
   * published again: no instance that follows this store knows it.
   *
   * @param keyset the id of the new keyset
   * @param moved the keyset in the other store
   * @param propagation how long the spare must have been published before it is promoted
   */
  public static KeysetEditor move(KeysetId keyset, KeysetSnapshot moved, Duration propagation) {
    List<KeyMetadata> keys =
        KeysetUnion.alone(moved.metadata(), 1).stream()
            .map(key -> KeyLife.movedTo(key, 1, propagation))
            .toList();
    return adopt(keyset, moved.handle(), keys);
  }

  /** Starts from the generation in use. */
  public static KeysetEditor of(KeysetSnapshot held) {
    return from(held, held.generation() + 1, held.metadata().restores(), held.metadata().keys());
  }

  /**
   * Starts from the generation in use, to write it into a store that was restored from backup. The
   * spare is published again: its propagation starts from here.
   *
   * @param stored what the store holds; null if it holds nothing, or its document does not open
   * @param storedGeneration the generation in the store; 0 if it holds nothing
   */
  public static KeysetEditor restore(
      KeysetSnapshot held, @Nullable KeysetSnapshot stored, long storedGeneration) {
    KeysetMetadata metadata = held.metadata();
    KeysetMetadata other = stored == null ? null : stored.metadata();
    long generation = storedGeneration + 1;
    long restores = Math.max(metadata.restores(), other == null ? 0 : other.restores()) + 1;
    List<KeyMetadata> union =
        storedGeneration == 0
            ? KeysetUnion.alone(metadata, generation)
            : KeysetUnion.of(metadata, other, generation);
    KeysetEditor editor = from(held, generation, restores, union);
    if (stored != null) {
      editor.takeBytesFrom(stored.handle());
    }
    editor.dropBytesOfDestroyed();
    return editor;
  }

  private static KeysetEditor from(
      KeysetSnapshot held, long generation, long restores, List<KeyMetadata> keys) {
    KeysetEditor editor =
        new KeysetEditor(
            new KeysetId(held.metadata().owner(), held.metadata().name()),
            generation,
            restores,
            KeysetHandle.newBuilder(held.handle()));
    editor.keys.addAll(keys);
    for (int i = 0; i < held.handle().size(); i++) {
      editor.handleIds.add(id(held.handle(), i));
    }
    return editor;
  }

  private static long id(KeysetHandle handle, int index) {
    return Integer.toUnsignedLong(handle.getAt(index).getId());
  }

  private void takeBytesFrom(KeysetHandle other) {
    for (int i = 0; i < other.size(); i++) {
      long id = id(other, i);
      if (!handleIds.contains(id)) {
        handle.addEntry(
            KeysetHandle.importKey(other.getAt(i).getKey()).withFixedId(other.getAt(i).getId()));
        handleIds.add(id);
      }
    }
  }

  private void dropBytesOfDestroyed() {
    keys.stream()
        .filter(key -> key.state() == KeyState.DESTROYED)
        .forEach(key -> dropBytes(key.id()));
  }

  private void dropBytes(long id) {
    int index = handleIds.indexOf(id);
    if (index >= 0) {
      handle.deleteAt(index);
      handleIds.remove(index);
    }
  }

  /** Makes the spare the active key. The active key retires, or stays marked as compromised. */
  public KeysetEditor promoteSpare() {
    keys.replaceAll(
        key ->
            switch (key.state()) {
              case PENDING -> KeyLife.enter(key, KeyState.ACTIVE);
              case ACTIVE ->
                  KeyLife.enter(key, key.compromised() ? KeyState.COMPROMISED : KeyState.RETIRED);
              default -> key;
            });
    return this;
  }

  /**
   * Publishes a new spare.
   *
   * @param propagation how long it must have been published before that
   */
  public KeysetEditor addSpare(KeysetTemplate template, Duration propagation) {
    return add(KeyState.PENDING, template, propagation);
  }

  /** Changes the state of a key. */
  public KeysetEditor bring(long id, KeyState state) {
    return replace(id, key -> KeyLife.enter(key, state));
  }

  /** Replaces wrong times of all keys. */
  public KeysetEditor correctTimes(Predicate<Instant> wrong, Instant by) {
    keys.replaceAll(
        key -> {
          Map<KeyState, Instant> times = new EnumMap<>(KeyState.class);
          key.times().forEach((state, time) -> times.put(state, wrong.test(time) ? by : time));
          return new KeyMetadata(
              key.id(),
              key.state(),
              key.template(),
              key.propagation(),
              key.firstGeneration(),
              times,
              key.destruction());
        });
    return this;
  }

  /** Marks a key as compromised without changing its state. */
  public KeysetEditor markCompromised(long id, Instant at) {
    return replace(id, key -> KeyLife.markCompromised(key, at));
  }

  /**
   * Records that the destruction of a scheduled key was requested.
   *
   * @param by who requests it
   */
  public KeysetEditor askForDestruction(long id, String by) {
    return replace(id, key -> KeyLife.withDestruction(key, KeyLife.destructionRequestedBy(by)));
  }

  /**
   * Removes the bytes of a key; its id stays. If they are already removed, only sets a new fence.
   *
   * @param by who requests it, unless it was requested before
   * @param retained what the erasure returned for the fence
   */
  public KeysetEditor destroy(long id, String by, String retained) {
    dropBytes(id);
    KeyDestruction.Fence fence = new KeyDestruction.Fence(generation, retained);
    return replace(
        id,
        key -> {
          KeyDestruction requested = key.destruction();
          return KeyLife.withDestruction(
              key.state() == KeyState.DESTROYED ? key : KeyLife.enter(key, KeyState.DESTROYED),
              new KeyDestruction(requested != null ? requested.by() : by, fence, null));
        });
  }

  /** Records that nothing is left of a destroyed key. */
  public KeysetEditor verified(long id, KeyDestruction.Receipt receipt) {
    return replace(
        id,
        key ->
            KeyLife.withDestruction(
                key,
                new KeyDestruction(Objects.requireNonNull(key.destruction()).by(), null, receipt)));
  }

  private KeysetEditor replace(long id, UnaryOperator<KeyMetadata> change) {
    keys.replaceAll(key -> key.id() == id ? change.apply(key) : key);
    return this;
  }

  private KeysetEditor add(KeyState state, KeysetTemplate template, Duration propagation) {
    int id = newId();
    handle.addEntry(
        KeysetHandle.generateEntryFromParameters(TinkKeys.parameters(template)).withFixedId(id));
    handleIds.add(Integer.toUnsignedLong(id));
    keys.add(
        new KeyMetadata(
            Integer.toUnsignedLong(id), state, template.name(), propagation, generation, Map.of()));
    return this;
  }

  private int newId() {
    int id;
    do {
      id = RANDOM.nextInt();
    } while (id == 0 || isTaken(Integer.toUnsignedLong(id)));
    return id;
  }

  private boolean isTaken(long id) {
    return keys.stream().anyMatch(key -> key.id() == id);
  }

  /**
   * The generation to be written.
   *
   * @param rejectCompromised whether a compromised key does nothing, instead of still decrypting
   *     and verifying
   */
  public KeysetDraft draft(boolean rejectCompromised) {
    KeysetMetadata metadata =
        new KeysetMetadata(
            keyset.owner(), keyset.name(), UUID.randomUUID().toString(), keys, restores);
    for (int i = 0; i < handle.size(); i++) {
      long id = handleIds.get(i);
      KeyState state = state(id);
      handle.getAt(i).setStatus(status(state, rejectCompromised));
      if (state == KeyState.ACTIVE) {
        handle.getAt(i).makePrimary();
      }
    }
    try {
      return new KeysetDraft(metadata, handle.build());
    } catch (GeneralSecurityException ex) {
      throw new IllegalStateException("Tink could not create the keys of " + keyset, ex);
    }
  }

  private KeyState state(long id) {
    return keys.stream().filter(key -> key.id() == id).findFirst().orElseThrow().state();
  }

  private static KeyStatus status(KeyState state, boolean rejectCompromised) {
    return switch (state) {
      case PENDING, ACTIVE, RETIRED -> KeyStatus.ENABLED;
      case DISABLED, DESTROY_SCHEDULED, DESTROYED -> KeyStatus.DISABLED;
      case COMPROMISED -> rejectCompromised ? KeyStatus.DISABLED : KeyStatus.ENABLED;
    };
  }
}
