package dev.latchkey.file;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.latchkey.LatchkeyException;
import dev.latchkey.StoreUnavailableException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The directory that holds the store's file, its lock and a {@code .gitignore}.
 *
 * @param path its real path
 */
record StoreDirectory(Path path) {

  private static final String STORE = "store";
  private static final String TEMPORARY = "store.tmp";
  private static final String REPLACED = "store.old";
  private static final String GITIGNORE = ".gitignore";
  private static final Set<String> NO_DOCUMENTS =
      Set.of(DirectoryLock.FILE, GITIGNORE, TEMPORARY, REPLACED);

  /** Makes the directory if it is missing, and refuses one that others could read. */
  static StoreDirectory prepare(Path path) {
    try {
      if (Files.notExists(path, LinkOption.NOFOLLOW_LINKS)) {
        OwnerOnly.createDirectories(path);
      }
      StoreDirectory directory = new StoreDirectory(path.toRealPath());
      if (!Files.isDirectory(path)) {
        throw new LatchkeyException(
            "The embedded store's directory %s is no directory".formatted(path),
            "Set latchkey.store.file.directory to a directory of its own.");
      }
      directory.refuseWhenOpenToOthers(directory.path());
      if (!Files.isWritable(path)) {
        throw notWritable(path, null);
      }
      if (directory.holdsStore()) {
        directory.refuseWhenOpenToOthers(directory.storeFile());
      } else {
        directory.refuseOtherFiles();
      }
      return directory;
    } catch (IOException ex) {
      throw notWritable(path, ex);
    }
  }

  Path storeFile() {
    return path.resolve(STORE);
  }

  boolean holdsStore() {
    return !Files.notExists(storeFile(), LinkOption.NOFOLLOW_LINKS);
  }

  /** Deletes what a crash has left; only for the holder of the lock. */
  void clean() {
    try {
      OwnerOnly.wipe(path.resolve(REPLACED), storeFile());
      Files.deleteIfExists(path.resolve(TEMPORARY));
    } catch (IOException ex) {
      throw unavailable("written", ex);
    }
  }

  byte[] read() {
    try {
      return Files.readAllBytes(storeFile());
    } catch (IOException ex) {
      throw unavailable("read", ex);
    }
  }

  /**
   * Replaces the store's file as a whole or, when that fails, not at all.
   *
   * @return whether the file that was replaced was overwritten
   */
  boolean write(byte[] content) {
    try {
      Path gitignore = path.resolve(GITIGNORE);
      if (Files.notExists(gitignore, LinkOption.NOFOLLOW_LINKS)) {
        OwnerOnly.createFile(gitignore, "*\n".getBytes(US_ASCII));
      }
      return OwnerOnly.replaceFile(
          storeFile(), path.resolve(TEMPORARY), path.resolve(REPLACED), content);
    } catch (IOException ex) {
      throw unavailable("written", ex);
    }
  }

  /** What lies in a store's directory is ignored by git: nobody else's files shall. */
  private void refuseOtherFiles() throws IOException {
    try (Stream<Path> files = Files.list(path)) {
      files
          .map(file -> String.valueOf(file.getFileName()))
          .filter(name -> !NO_DOCUMENTS.contains(name))
          .findFirst()
          .ifPresent(
              name -> {
                throw new LatchkeyException(
                    "%s holds no embedded store, but other files, such as '%s'"
                        .formatted(path, name),
                    "Set latchkey.store.file.directory to a directory of its own: one that is"
                        + " missing, empty or holds a store.");
              });
    }
  }

  private void refuseWhenOpenToOthers(Path file) throws IOException {
    if (OwnerOnly.isOpenToOthers(file)) {
      throw new LatchkeyException(
          "The embedded store at %s is open to others: %s has mode %s"
              .formatted(path, file, OwnerOnly.mode(file)),
          "Close it to all but its owner:%n%n    chmod -R go-rwx %s".formatted(path));
    }
  }

  private StoreUnavailableException unavailable(String verb, IOException cause) {
    return new StoreUnavailableException(
        "%s cannot be %s: %s".formatted(storeFile(), verb, reason(cause)),
        "Look at the file system; nothing was created or replaced because of this.",
        cause);
  }

  private static LatchkeyException notWritable(Path path, @Nullable IOException cause) {
    return new LatchkeyException(
        "The embedded store's directory %s is not writable%s"
            .formatted(path, cause == null ? "" : ": " + reason(cause)),
        "Let the application's user write there, or set latchkey.store.file.directory to a"
            + " directory where it may.",
        cause);
  }

  static String reason(IOException ex) {
    if (ex instanceof NoSuchFileException) {
      return "no such file";
    }
    if (ex instanceof AccessDeniedException) {
      return "permission denied";
    }
    if (ex instanceof FileSystemException fileSystem && fileSystem.getReason() != null) {
      return fileSystem.getReason();
    }
    return String.valueOf(ex.getMessage());
  }
}
