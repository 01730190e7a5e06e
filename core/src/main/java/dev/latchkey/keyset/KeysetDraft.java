package dev.latchkey.keyset;

import com.google.crypto.tink.KeyStatus;
import com.google.crypto.tink.KeysetHandle;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;

/**
 * The next generation of a keyset, made but not written: the pure transitions of the lifecycle.
 *
 * @param metadata all that is known of the keys; a state entered here has no time yet
 * @param handle the Tink keyset of all keys that are not destroyed
 * @since 0.1
 */
public record KeysetDraft(KeysetMetadata metadata, KeysetHandle handle) {

  private static final SecureRandom RANDOM = new SecureRandom();

  /** The first generation: one active key, and a spare. */
  public static KeysetDraft first(KeysetId keyset, KeysetTemplate template, Duration propagation) {
    KeysetHandle.Builder handle = KeysetHandle.newBuilder();
    List<KeyMetadata> keys = new ArrayList<>();
    int active = newId(Set.of());
    handle.addEntry(newEntry(template, active).makePrimary());
    keys.add(KeyMetadata.of(active, KeyState.ACTIVE, template.name(), propagation, 1));
    addSpare(handle, keys, template, propagation, 1);
    return draft(keyset.owner(), keyset.name(), keys, handle);
  }

  /**
   * The spare becomes the active key, the active one retires, and a new spare is published: in one
   * write, so that a key is known to every instance long before it is used.
   *
   * @param template what the new spare is made by
   * @param propagation how long the new spare must have been published before it is promoted
   * @throws IllegalStateException if there is no spare
   */
  public static KeysetDraft promotingSpare(
      KeysetSnapshot held, KeysetTemplate template, Duration propagation) {
    KeysetMetadata metadata = held.metadata();
    KeyMetadata spare =
        metadata
            .spare()
            .orElseThrow(() -> new IllegalStateException("There is no spare to promote"));
    KeysetHandle.Builder handle = KeysetHandle.newBuilder(held.handle());
    for (int i = 0; i < held.handle().size(); i++) {
      if (Integer.toUnsignedLong(held.handle().getAt(i).getId()) == spare.id()) {
        handle.getAt(i).makePrimary();
      }
    }
    List<KeyMetadata> keys = new ArrayList<>();
    for (KeyMetadata key : metadata.keys()) {
      keys.add(
          switch (key.state()) {
            case PENDING -> key.in(KeyState.ACTIVE);
            case ACTIVE -> key.in(KeyState.RETIRED);
            default -> key;
          });
    }
    addSpare(handle, keys, template, propagation, held.generation() + 1);
    return draft(metadata.owner(), metadata.name(), keys, handle);
  }

  /** A spare is published beside the keys that are there. */
  public static KeysetDraft addingSpare(
      KeysetSnapshot held, KeysetTemplate template, Duration propagation) {
    KeysetMetadata metadata = held.metadata();
    KeysetHandle.Builder handle = KeysetHandle.newBuilder(held.handle());
    List<KeyMetadata> keys = new ArrayList<>(metadata.keys());
    addSpare(handle, keys, template, propagation, held.generation() + 1);
    return draft(metadata.owner(), metadata.name(), keys, handle);
  }

  private static void addSpare(
      KeysetHandle.Builder handle,
      List<KeyMetadata> keys,
      KeysetTemplate template,
      Duration propagation,
      long generation) {
    Set<Long> taken = new HashSet<>();
    keys.forEach(key -> taken.add(key.id()));
    int id = newId(taken);
    handle.addEntry(newEntry(template, id));
    keys.add(KeyMetadata.of(id, KeyState.PENDING, template.name(), propagation, generation));
  }

  private static KeysetHandle.Builder.Entry newEntry(KeysetTemplate template, int id) {
    return KeysetHandle.generateEntryFromParameters(template.parameters())
        .setStatus(KeyStatus.ENABLED)
        .withFixedId(id);
  }

  /** A random id that no key of the keyset ever had, a destroyed one included. */
  private static int newId(Set<Long> taken) {
    int id;
    do {
      id = RANDOM.nextInt();
    } while (id == 0 || taken.contains(Integer.toUnsignedLong(id)));
    return id;
  }

  private static KeysetDraft draft(
      String owner, String name, List<KeyMetadata> keys, KeysetHandle.Builder handle) {
    try {
      return new KeysetDraft(
          new KeysetMetadata(owner, name, UUID.randomUUID().toString(), keys), handle.build());
    } catch (GeneralSecurityException ex) {
      throw new IllegalStateException("Tink could not make a key for keyset " + name, ex);
    }
  }

  @Override
  public String toString() {
    return "KeysetDraft[%s/%s]".formatted(metadata.owner(), metadata.name());
  }
}
