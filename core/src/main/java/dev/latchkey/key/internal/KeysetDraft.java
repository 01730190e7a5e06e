package dev.latchkey.key.internal;

import com.google.crypto.tink.KeysetHandle;
import dev.latchkey.key.KeyMetadata;
import dev.latchkey.key.KeyState;
import dev.latchkey.key.KeysetId;
import dev.latchkey.key.KeysetMetadata;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/**
 * The next generation of a keyset, not yet written.
 *
 * @param metadata the metadata of all keys; a state entered here has no time yet
 * @param handle the Tink keyset of all keys that are not destroyed
 */
public record KeysetDraft(KeysetMetadata metadata, KeysetHandle handle) {

  /**
   * Finds what proves that this is not a keyset as it was written.
   *
   * @param keyset the expected id
   * @param generation the generation that it was read as
   */
  public Optional<String> contradiction(KeysetId keyset, long generation) {
    if (!metadata.owner().equals(keyset.owner()) || !metadata.name().equals(keyset.name())) {
      return Optional.of("describes keyset %s/%s".formatted(metadata.owner(), metadata.name()));
    }
    Set<Long> described = new HashSet<>();
    for (KeyMetadata key : metadata.keys()) {
      if (key.state() != KeyState.DESTROYED) {
        described.add(key.id());
      }
      if (key.publishedAt() == null && key.firstGeneration() != generation) {
        return Optional.of("does not say when key %d was published".formatted(key.id()));
      }
    }
    return holds(described) ? Optional.empty() : Optional.of("describes other keys than it holds");
  }

  private boolean holds(Set<Long> described) {
    Set<Long> held = new HashSet<>();
    try {
      for (int i = 0; i < handle.size(); i++) {
        held.add(Integer.toUnsignedLong(handle.getAt(i).getId()));
      }
      return handle.size() == described.size()
          && described.equals(held)
          && metadata.active().id() == Integer.toUnsignedLong(handle.getPrimary().getId());
    } catch (IllegalStateException ex) {
      return false; // the primary key is missing or disabled
    }
  }

  @Override
  public String toString() {
    return "KeysetDraft[%s/%s]".formatted(metadata.owner(), metadata.name());
  }
}
