package dev.latchkey.keyset;

import com.google.crypto.tink.KeyStatus;
import com.google.crypto.tink.KeysetHandle;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * Makes the next generation of a keyset. What a key may do in Tink follows from its state alone,
 * and an id that was given once, to a destroyed key too, is never given again.
 *
 * @since 0.1
 */
public final class KeysetEditor {

  private static final SecureRandom RANDOM = new SecureRandom();

  private final KeysetId keyset;
  private final long generation;
  private final List<KeyMetadata> keys = new ArrayList<>();

  /** The ids of the keys in {@link #handle}, in its order. */
  private final List<Long> handleIds = new ArrayList<>();

  private final KeysetHandle.Builder handle;

  private KeysetEditor(KeysetId keyset, long generation, KeysetHandle.Builder handle) {
    this.keyset = keyset;
    this.generation = generation;
    this.handle = handle;
  }

  /** Starts a keyset that does not exist yet: one active key, and a spare. */
  public static KeysetEditor create(
      KeysetId keyset, KeysetTemplate template, Duration propagation) {
    return new KeysetEditor(keyset, 1, KeysetHandle.newBuilder())
        .add(KeyState.ACTIVE, template, propagation)
        .addSpare(template, propagation);
  }

  /** Starts from what is in use. */
  public static KeysetEditor of(KeysetSnapshot held) {
    KeysetEditor editor =
        new KeysetEditor(
            new KeysetId(held.metadata().owner(), held.metadata().name()),
            held.generation() + 1,
            KeysetHandle.newBuilder(held.handle()));
    editor.keys.addAll(held.metadata().keys());
    for (int i = 0; i < held.handle().size(); i++) {
      editor.handleIds.add(Integer.toUnsignedLong(held.handle().getAt(i).getId()));
    }
    return editor;
  }

  /** The spare becomes the active key; the active one retires, or stays marked as compromised. */
  public KeysetEditor promoteSpare() {
    keys.replaceAll(
        key ->
            switch (key.state()) {
              case PENDING -> key.in(KeyState.ACTIVE);
              case ACTIVE -> key.in(key.compromised() ? KeyState.COMPROMISED : KeyState.RETIRED);
              default -> key;
            });
    return this;
  }

  /**
   * Publishes a new key that waits for its promotion.
   *
   * @param propagation how long it must have been published before that
   */
  public KeysetEditor addSpare(KeysetTemplate template, Duration propagation) {
    return add(KeyState.PENDING, template, propagation);
  }

  /** Brings a key into another state. */
  public KeysetEditor bring(long id, KeyState state) {
    keys.replaceAll(key -> key.id() == id ? key.in(state) : key);
    return this;
  }

  /** Marks the active key as compromised: it stays in use until another can take its place. */
  public KeysetEditor markCompromised(long id, Instant at) {
    keys.replaceAll(key -> key.id() == id ? key.markedCompromised(at) : key);
    return this;
  }

  private KeysetEditor add(KeyState state, KeysetTemplate template, Duration propagation) {
    int id = newId();
    handle.addEntry(
        KeysetHandle.generateEntryFromParameters(template.parameters()).withFixedId(id));
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
   * The generation as it is to be written.
   *
   * @param rejectCompromised whether a compromised key does nothing any more, or still decrypts and
   *     verifies
   */
  public KeysetDraft draft(boolean rejectCompromised) {
    KeysetMetadata metadata =
        new KeysetMetadata(keyset.owner(), keyset.name(), UUID.randomUUID().toString(), keys);
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
      throw new IllegalStateException("Tink could not make the keys of " + keyset, ex);
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
