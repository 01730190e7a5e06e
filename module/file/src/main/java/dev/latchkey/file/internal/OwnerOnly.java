package dev.latchkey.file.internal;

import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/**
 * Files and directories that only their owner can access: created with mode 0600 and 0700, and
 * synced to disk when a method returns. On a file system without such modes (Windows), they inherit
 * the access rules of their directory.
 */
final class OwnerOnly {

  private static final Set<PosixFilePermission> OTHERS =
      Set.copyOf(PosixFilePermissions.fromString("---rwxrwx"));

  private OwnerOnly() {}

  /** Creates a directory and its missing parents, all with the same mode. */
  static void createDirectories(Path directory) throws IOException {
    if (Files.isDirectory(directory)) {
      return;
    }
    createDirectories(parent(directory));
    try {
      Files.createDirectory(directory, mode(directory, "rwx------"));
    } catch (FileAlreadyExistsException ex) {
      if (!Files.isDirectory(directory)) {
        throw ex;
      }
    }
    sync(parent(directory));
  }

  static void createDirectoryOf(Path file) throws IOException {
    createDirectories(parent(file));
  }

  /** Creates a file that must not exist yet. */
  static void createFile(Path file, byte[] content) throws IOException {
    writeNew(file, content);
    sync(parent(file));
  }

  /**
   * Replaces a file atomically, and overwrites the replaced one.
   *
   * @param replaced path of the replaced file until it is overwritten
   * @return whether the replaced file was overwritten; false if the file system has no hard links,
   *     or fails
   */
  static boolean replaceFile(Path file, Path temporary, Path replaced, byte[] content)
      throws IOException {
    boolean kept = isWiped(replaced, file);
    try {
      writeNew(temporary, content);
      kept &= Files.notExists(file) || link(replaced, file);
      Files.move(
          temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException ex) {
      Files.deleteIfExists(temporary);
      throw ex;
    }
    sync(parent(file));
    return kept && isWiped(replaced, file);
  }

  /** The write has succeeded, whether or not the replaced file can be wiped. */
  private static boolean isWiped(Path replaced, Path file) {
    try {
      wipe(replaced, file);
      return Files.notExists(replaced);
    } catch (IOException ex) {
      return false;
    }
  }

  private static boolean link(Path replaced, Path file) {
    try {
      Files.createLink(replaced, file);
      return true;
    } catch (IOException | UnsupportedOperationException ex) {
      return false;
    }
  }

  /** Overwrites and removes a file that was replaced. Removes only its name if it was not. */
  static void wipe(Path replaced, Path file) throws IOException {
    if (Files.notExists(replaced)) {
      return;
    }
    if (Files.notExists(file) || !Files.isSameFile(replaced, file)) {
      try (FileChannel channel = open(replaced, WRITE)) {
        ByteBuffer zeros = ByteBuffer.allocate(Math.toIntExact(channel.size()));
        while (zeros.hasRemaining()) {
          channel.write(zeros);
        }
        channel.force(true);
      }
    }
    Files.delete(replaced);
    sync(parent(file));
  }

  /** Opens a file, creating it if the options say so. */
  static FileChannel open(Path file, OpenOption... options) throws IOException {
    return FileChannel.open(file, Set.of(options), mode(file, "rw-------"));
  }

  /** Whether anyone but the owner has any access. */
  static boolean isOpenToOthers(Path path) throws IOException {
    return grantsAnyOf(path, OTHERS);
  }

  static boolean grantsAnyOf(Path path, Set<PosixFilePermission> permissions) throws IOException {
    return hasModes(path)
        && Files.getPosixFilePermissions(path).stream().anyMatch(permissions::contains);
  }

  /** The mode as {@code ls} shows it. */
  static String mode(Path path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }

  private static void writeNew(Path file, byte[] content) throws IOException {
    try (FileChannel channel = open(file, CREATE_NEW, WRITE)) {
      ByteBuffer buffer = ByteBuffer.wrap(content);
      while (buffer.hasRemaining()) {
        channel.write(buffer);
      }
      channel.force(true);
    }
  }

  /**
   * Syncs a directory's entries to disk, if the file system lets a directory be opened for that.
   */
  private static void sync(Path directory) throws IOException {
    if (hasModes(directory)) {
      try (FileChannel channel = FileChannel.open(directory, READ)) {
        channel.force(true);
      }
    }
  }

  private static FileAttribute<?>[] mode(Path path, String mode) {
    return hasModes(path)
        ? new FileAttribute<?>[] {
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(mode))
        }
        : new FileAttribute<?>[0];
  }

  private static boolean hasModes(Path path) {
    return path.getFileSystem().supportedFileAttributeViews().contains("posix");
  }

  private static Path parent(Path file) {
    Path parent = file.getParent();
    if (parent == null) {
      throw new IllegalArgumentException(file + " has no parent directory");
    }
    return parent;
  }
}
