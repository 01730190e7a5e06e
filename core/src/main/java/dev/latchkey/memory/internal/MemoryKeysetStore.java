package dev.latchkey.memory.internal;

import dev.latchkey.WriteConflictException;
import dev.latchkey.key.KeysetId;
import dev.latchkey.key.document.KeysetStore;
import dev.latchkey.key.document.StoredDocument;
import java.time.Clock;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Stores keyset documents in memory.
 *
 * @since 0.1
 */
public final class MemoryKeysetStore implements KeysetStore {

  private final Map<KeysetId, StoredDocument> documents = new ConcurrentHashMap<>();
  private final Clock clock;
  private final String suffix;

  public MemoryKeysetStore(Clock clock) {
    this(clock, "");
  }

  /**
   * @param suffix suffix of keyset names, which keeps documents of different kinds apart
   */
  public MemoryKeysetStore(Clock clock, String suffix) {
    this.clock = clock;
    this.suffix = suffix;
  }

  @Override
  public Optional<StoredDocument> load(KeysetId keyset) {
    return Optional.ofNullable(documents.get(keyset))
        .map(
            held ->
                new StoredDocument(
                    held.content(), held.generation(), held.createdAt(), notBefore(held), true));
  }

  @Override
  public StoredDocument save(KeysetId keyset, String content, long expectedGeneration) {
    return documents.compute(
        keyset,
        (id, held) -> {
          long generation = held == null ? 0 : held.generation();
          if (generation != expectedGeneration) {
            throw new WriteConflictException(location(id), expectedGeneration);
          }
          Instant now = notBefore(held);
          return new StoredDocument(content, generation + 1, now, now, true);
        });
  }

  @Override
  public String location(KeysetId keyset) {
    return "memory/latchkey/" + keyset + suffix;
  }

  private Instant notBefore(@Nullable StoredDocument held) {
    Instant now = clock.instant();
    return held == null ? now : StoredDocument.notBefore(now, held.createdAt());
  }
}
