package dev.latchkey.store.file;

import dev.latchkey.keyset.KeyDestruction.Fence;
import dev.latchkey.keyset.KeysetErasure;
import dev.latchkey.keyset.KeysetId;
import java.util.List;

/**
 * Erases what the store's file held before. Every write overwrites the file that it replaces; this
 * looks whether the file system lets it.
 */
final class FileErasure implements KeysetErasure {

  private final StoreFile file;

  FileErasure(StoreFile file) {
    this.file = file;
  }

  /** Nothing to do: the store's key has one version. */
  @Override
  public String fence(KeysetId keyset, byte[] wrapped) {
    return "";
  }

  @Override
  public boolean isBeyond(String retained, byte[] wrapped) {
    return true;
  }

  @Override
  public Erased erase(KeysetId keyset, Fence fence, boolean onTrust) {
    String before =
        file.rewrite()
            ? "Every file that it replaced was overwritten with zeros, synced and removed."
            : "The files that it replaced are removed, but not overwritten: the file system does not let them be.";
    return Erased.from(
        List.of("%s was written anew and read back.".formatted(file.path()), before),
        "copies of the directory, such as backups: the store's key opens them",
        "what the file system, the volume or the disk keeps of overwritten blocks: snapshots,"
            + " copies on write, journals, spare cells of flash memory");
  }
}
