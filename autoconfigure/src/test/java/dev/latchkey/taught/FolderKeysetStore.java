package dev.latchkey.taught;

import dev.latchkey.WriteConflictException;
import dev.latchkey.key.KeysetId;
import dev.latchkey.key.document.KeysetStore;
import dev.latchkey.key.document.StoredDocument;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.Optional;

/** Stores each keyset document in a file of a folder. */
final class FolderKeysetStore implements KeysetStore {

  private final Path folder;
  private final Clock clock;

  FolderKeysetStore(Path folder, Clock clock) {
    this.folder = folder;
    this.clock = clock;
  }

  @Override
  public synchronized Optional<StoredDocument> load(KeysetId keyset) {
    try {
      if (!Files.exists(file(keyset))) {
        return Optional.empty();
      }
      String[] parts = Files.readString(file(keyset)).split("\n", 3);
      return Optional.of(
          new StoredDocument(
              parts[2], Long.parseLong(parts[0]), Instant.parse(parts[1]), clock.instant(), true));
    } catch (IOException ex) {
      throw new UncheckedIOException(ex);
    }
  }

  @Override
  public synchronized StoredDocument save(
      KeysetId keyset, String content, long expectedGeneration) {
    long generation = load(keyset).map(StoredDocument::generation).orElse(0L);
    if (generation != expectedGeneration) {
      throw new WriteConflictException(location(keyset), expectedGeneration);
    }
    try {
      Instant now = clock.instant();
      Files.createDirectories(folder);
      Files.writeString(file(keyset), (generation + 1) + "\n" + now + "\n" + content);
      return new StoredDocument(content, generation + 1, now, now, true);
    } catch (IOException ex) {
      throw new UncheckedIOException(ex);
    }
  }

  @Override
  public String location(KeysetId keyset) {
    return file(keyset).toString();
  }

  private Path file(KeysetId keyset) {
    return folder.resolve(keyset.toString().replace('/', '.'));
  }
}
