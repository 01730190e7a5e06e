package dev.latchkey.file.internal;

import dev.latchkey.LatchkeyException;
import dev.latchkey.key.KeyMetadata;
import dev.latchkey.key.KeysetId;
import dev.latchkey.key.KeysetTemplate;
import dev.latchkey.key.document.internal.KeysetReading;
import dev.latchkey.key.document.internal.KeysetRepository;
import dev.latchkey.key.internal.KeysetEditor;
import dev.latchkey.key.internal.KeysetSnapshot;
import dev.latchkey.store.internal.MovableStore;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Moves a keyset out of an embedded store: all keys keep their states and the times at which they
 * entered them. The embedded store is not changed.
 *
 * @param directory directory of the store
 * @param keyFile as for {@link FileStore#open}
 * @since 0.1
 */
public record FileStoreOrigin(Path directory, @Nullable Path keyFile, Host host, Clock clock)
    implements MovableStore {

  /** Owner of the keysets of an application without a name. */
  private static final String UNNAMED = "application";

  @Override
  public KeysetEditor start(KeysetId keyset, KeysetTemplate template, Duration propagation) {
    try (FileStore store = FileStore.openExisting(directory, keyFile, host, clock)) {
      KeysetSnapshot moved = find(keyset, store);
      for (KeyMetadata key : moved.metadata().keys()) {
        requireSamePrimitives(key, template, store);
      }
      return KeysetEditor.move(keyset, moved, propagation);
    }
  }

  @Override
  public Set<Long> keyIds(KeysetId keyset) {
    try (FileStore store = FileStore.openExisting(directory, keyFile, host, clock)) {
      return find(keyset, store).metadata().keys().stream()
          .map(KeyMetadata::id)
          .collect(Collectors.toSet());
    }
  }

  private static KeysetSnapshot find(KeysetId keyset, FileStore store) {
    return load(keyset, store)
        .or(() -> load(new KeysetId(UNNAMED, keyset.name()), store))
        .orElseThrow(
            () ->
                new LatchkeyException(
                    "The %s does not contain keyset %s, nor one of an application without a name"
                        .formatted(store, keyset),
                    "Name the directory that the application used. The name of the keyset and"
                        + " spring.application.name must not change."));
  }

  private static Optional<KeysetSnapshot> load(KeysetId keyset, FileStore store) {
    return new KeysetRepository(store.keysets(), store.keyEncryptionKeys())
        .load(keyset, null)
        .map(KeysetReading::snapshot);
  }

  private static void requireSamePrimitives(
      KeyMetadata key, KeysetTemplate template, FileStore store) {
    if (KeysetTemplate.of(key.template()).family() != template.family()) {
      throw new LatchkeyException(
          "The %s contains keys of template %s, which has other primitives than %s"
              .formatted(store, key.template(), template.name()),
          "Set the keyset's template to %s.".formatted(key.template()));
    }
  }
}
