package dev.latchkey.file;

import dev.latchkey.key.document.KeysetErasure.Erased;
import java.util.List;

/**
 * Erases what the store's file held before. Every write overwrites the file that it replaces; this
 * tells whether the file system let each, as far back as this process can know.
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
            "%s was written anew and read back.".formatted(file.path()),
            replaced.allOverwritten()
                ? "Every file that it replaced since the store was opened, at %s, was overwritten with zeros, synced and removed."
                    .formatted(replaced.since())
                : "The files that it replaced are removed, but since the store was opened, at %s, not all could be overwritten before: the file system did not let them be."
                    .formatted(replaced.since())),
        "files that were replaced before %s: each was overwritten where the file system let it be, which cannot be seen any more"
            .formatted(replaced.since()),
        "copies of the directory, such as backups: the store's key opens them",
        "what the file system, the volume or the disk keeps of overwritten blocks: snapshots,"
            + " copies on write, journals, spare cells of flash memory");
  }
}
