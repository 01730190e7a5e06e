package dev.latchkey.file.internal;

import dev.latchkey.key.document.KeysetErasure.Erased;
import java.util.List;

/**
 * Erases earlier contents of the store's file. Every write overwrites the file that it replaces.
 * The evidence states whether that succeeded each time, as far back as this process knows.
 */
final class FileErasure {

  private final StoreFile file;

  FileErasure(StoreFile file) {
    this.file = file;
  }

  Erased erase() {
    Replaced replaced = file.rewrite();
    return Erased.from(
        List.of(
            "%s was rewritten and read back.".formatted(file.path()),
            replaced.allOverwritten()
                ? "Every file that it replaced since the store was opened (%s) was overwritten with zeros, synced and removed."
                    .formatted(replaced.since())
                : "The files that it replaced are removed, but not all of them could be overwritten first since the store was opened (%s): the file system did not allow it."
                    .formatted(replaced.since())),
        "files replaced before %s: each was overwritten if the file system allowed it, which can no longer be verified"
            .formatted(replaced.since()),
        "copies of the directory, such as backups: the store's key decrypts them",
        "overwritten blocks that the file system, volume or disk retains: snapshots,"
            + " copy-on-write, journals, spare flash cells");
  }
}
