package dev.latchkey.file.internal;

import dev.latchkey.WriteConflictException;
import dev.latchkey.file.internal.StoreContents.Document;
import dev.latchkey.file.internal.StoreFile.Change;
import dev.latchkey.key.KeysetId;
import dev.latchkey.key.document.KeysetStore;
import dev.latchkey.key.document.StoredDocument;
import java.time.Clock;
import java.time.Instant;
import java.util.Optional;

/** Stores keyset documents in the store's file. */
final class FileKeysetStore implements KeysetStore {

  private final StoreFile file;
  private final Clock clock;
  private final String suffix;

  /**
   * @param suffix suffix of keyset names, which keeps documents of different kinds apart
   */
  FileKeysetStore(StoreFile file, Clock clock, String suffix) {
    this.file = file;
    this.clock = clock;
    this.suffix = suffix;
  }

  @Override
  public Optional<StoredDocument> load(KeysetId keyset) {
    return Optional.ofNullable(file.read().document(name(keyset)))
        .map(document -> stored(document, notBefore(document.createdAt())));
  }

  @Override
  public StoredDocument save(KeysetId keyset, String content, long expectedGeneration) {
    String name = name(keyset);
    return file.update(
        contents -> {
          Document held = contents.document(name);
          long generation = held == null ? 0 : held.generation();
          if (generation != expectedGeneration) {
            throw new WriteConflictException(location(keyset), expectedGeneration);
          }
          Instant now = held == null ? clock.instant() : notBefore(held.createdAt());
          Document next = new Document(content, generation + 1, now);
          return new Change<>(contents.with(name, next), stored(next, now));
        });
  }

  /** Contains the store's ID rather than its path, since the directory may be moved. */
  @Override
  public String location(KeysetId keyset) {
    return "file:%s/%s".formatted(file.storeId(), name(keyset));
  }

  private String name(KeysetId keyset) {
    return keyset + suffix;
  }

  private Instant notBefore(Instant createdAt) {
    return StoredDocument.notBefore(clock.instant(), createdAt);
  }

  private static StoredDocument stored(Document document, Instant readAt) {
    return new StoredDocument(
        document.content(), document.generation(), document.createdAt(), readAt, true);
  }
}
