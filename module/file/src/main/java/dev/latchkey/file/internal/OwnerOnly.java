package dev.latchkey.file.internal;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;
import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;

import com.google.crypto.tink.subtle.Random;
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
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Files and directories that only their owner can access: created with mode 0600 and 0700, and
 * synced to disk when a method returns. On a file system without such modes (Windows), they inherit
 * the access rules of their directory.
 */
final class OwnerOnly {

  private static final Set<PosixFilePermission> OTHERS =
      Set.copyOf(PosixFilePermissions.fromString("---rwxrwx"));

  /** This process, on Linux. */
  private static final Path PROCESS = Path.of("/proc/self");

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

  /**
   * Creates a file that must not exist yet, as a whole or, if that fails, not at all.
   *
   * @throws FileAlreadyExistsException if it exists
   */
  static void createFile(Path file, byte[] content) throws IOException {
    Path temporary =
        file.resolveSibling(
            "%s.%s.tmp"
                .formatted(file.getFileName(), HexFormat.of().toHexDigits(Random.randInt())));
    try {
      writeNew(temporary, content);
      if (!link(file, temporary)) {
        Files.move(temporary, file); // exists, or there are no hard links; replaces nothing
      }
    } finally {
      Files.deleteIfExists(temporary);
    }
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
      return wipe(replaced, file);
    } catch (IOException ex) {
      return false;
    }
  }

  private static boolean link(Path link, Path file) {
    try {
      Files.createLink(link, file);
      return true;
    } catch (IOException | UnsupportedOperationException ex) {
      return false;
    }
  }

  /**
   * Overwrites and removes a file that was replaced. Removes only its name if it was not, and if
   * the file is a link or has another name, as in a backup made of hard links.
   *
   * @return whether nothing of the file is left
   */
  static boolean wipe(Path replaced, Path file) throws IOException {
    if (Files.notExists(replaced, NOFOLLOW_LINKS)) {
      return true;
    }
    boolean isReplaced = Files.notExists(file) || !Files.isSameFile(replaced, file);
    boolean isOurs = isRegularFile(replaced) && !hasAnotherName(replaced);
    if (isReplaced && isOurs) {
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
    return !isReplaced || isOurs;
  }

  /** Whether it is a file itself, and neither a link to one nor anything else. */
  static boolean isRegularFile(Path file) {
    return Files.isRegularFile(file, NOFOLLOW_LINKS);
  }

  /** Whether a file has more than one name; false where the file system does not say so. */
  static boolean hasAnotherName(Path file) throws IOException {
    return hasUnixAttributes(file)
        && (int) Files.getAttribute(file, "unix:nlink", NOFOLLOW_LINKS) > 1;
  }

  /**
   * Whether neither this process's user nor root owns a file, so that another user can read it
   * whatever its mode; false where the file system does not say so.
   */
  static boolean belongsToAnother(Path file) throws IOException {
    if (!hasUnixAttributes(file) || Files.notExists(PROCESS)) {
      return false;
    }
    int owner = (int) Files.getAttribute(file, "unix:uid");
    return owner != 0 && owner != (int) Files.getAttribute(PROCESS, "unix:uid");
  }

  /**
   * Whether root owns a file that the process may read through one of its groups: how Kubernetes
   * mounts a secret for a user other than root, with {@code fsGroup}.
   */
  static boolean isMountedForGroup(Path file) throws IOException {
    if (!hasUnixAttributes(file) || Files.notExists(PROCESS)) {
      return false;
    }
    return isMountedForGroup(
        (int) Files.getAttribute(file, "unix:uid"),
        String.valueOf(Files.getAttribute(file, "unix:gid")),
        mode(file),
        (int) Files.getAttribute(PROCESS, "unix:uid"),
        groups());
  }

  /**
   * @param owner user ID of the file
   * @param group group ID of the file
   * @param user user ID of the process
   * @param groups group IDs of the process
   */
  static boolean isMountedForGroup(
      int owner, String group, String mode, int user, Set<String> groups) {
    return owner == 0 && user != 0 && groups.contains(group) && mode.matches("r[w-]-r-----");
  }

  private static Set<String> groups() throws IOException {
    return Files.readAllLines(PROCESS.resolve("status")).stream()
        .filter(line -> line.startsWith("Gid:") || line.startsWith("Groups:"))
        .flatMap(line -> Stream.of(line.substring(line.indexOf(':') + 1).strip().split("\\s+")))
        .collect(Collectors.toSet());
  }

  private static boolean hasUnixAttributes(Path path) {
    return path.getFileSystem().supportedFileAttributeViews().contains("unix");
  }

  /** Opens a file, creating it if the options say so. Follows no link. */
  static FileChannel open(Path file, OpenOption... options) throws IOException {
    Set<OpenOption> all = new HashSet<>(Set.of(options));
    all.add(NOFOLLOW_LINKS);
    return FileChannel.open(file, all, mode(file, "rw-------"));
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
