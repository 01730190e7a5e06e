package dev.latchkey.file.internal;

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
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The directory that contains the store's file, its lock and a {@code .gitignore}.
 *
 * @param path real path of the directory
 */
record StoreDirectory(Path path) {

  private static final String STORE = "store";
  private static final String TEMPORARY = "store.tmp";
  private static final String REPLACED = "store.old";
  private static final String GITIGNORE = ".gitignore";
  private static final Set<String> NO_DOCUMENTS =
      Set.of(DirectoryLock.FILE, GITIGNORE, TEMPORARY, REPLACED);

  /** Creates the directory if it does not exist, and refuses one that other users can access. */
  static StoreDirectory prepare(Path path) {
    try {
      if (Files.notExists(path, LinkOption.NOFOLLOW_LINKS)) {
        OwnerOnly.createDirectories(path);
      }
      StoreDirectory directory = new StoreDirectory(path.toRealPath());
      if (!Files.isDirectory(path)) {
        throw new LatchkeyException(
            "%s is not a directory".formatted(path),
            "Set latchkey.store.file.directory to a directory that contains nothing else.");
      }
      directory.refuseWhenOpenToOthers(directory.path());
      directory.refuseWhenOwnedByAnother();
      if (!Files.isWritable(path)) {
        throw notWritable(path, null);
      }
      directory.refuseLinks();
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

  /** Deletes the remains of a crash. Only for the holder of the lock. */
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
   * Replaces the store's file as a whole, or not at all if that fails.
   *
   * @return whether the replaced file was overwritten
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

  /** Git ignores everything in a store's directory, so no other files may be in it. */
  private void refuseOtherFiles() throws IOException {
    try (Stream<Path> files = Files.list(path)) {
      files
          .map(file -> String.valueOf(file.getFileName()))
          .filter(name -> !NO_DOCUMENTS.contains(name))
          .findFirst()
          .ifPresent(
              name -> {
                throw new LatchkeyException(
                    "%s contains files but no embedded store, such as '%s'".formatted(path, name),
                    "Set latchkey.store.file.directory to a directory that does not exist, is empty or"
                        + " contains a store.");
              });
    }
  }

  /** Writing through a link would change a file elsewhere. */
  private void refuseLinks() {
    for (String name : List.of(STORE, DirectoryLock.FILE)) {
      Path file = path.resolve(name);
      if (Files.exists(file, LinkOption.NOFOLLOW_LINKS) && !OwnerOnly.isRegularFile(file)) {
        throw new LatchkeyException(
            "%s is a link, or not a regular file".formatted(file),
            "Move the file itself there. The directory may be a link, its files may not.");
      }
    }
  }

  private void refuseWhenOwnedByAnother() throws IOException {
    if (OwnerOnly.belongsToAnother(path)) {
      throw new LatchkeyException(
          "The embedded store's directory %s belongs to another user (%s)"
              .formatted(path, Files.getOwner(path).getName()),
          "Run the application as that user, or change the owner:%n%n    chown -R \"$(id -u)\" %s"
              .formatted(path));
    }
  }

  private void refuseWhenOpenToOthers(Path file) throws IOException {
    if (OwnerOnly.isOpenToOthers(file)) {
      throw new LatchkeyException(
          "The embedded store at %s is accessible to other users: %s has mode %s"
              .formatted(path, file, OwnerOnly.mode(file)),
          "Restrict it to its owner:%n%n    chmod -R go-rwx %s".formatted(path));
    }
  }

  private StoreUnavailableException unavailable(String verb, IOException cause) {
    return new StoreUnavailableException(
        "%s cannot be %s: %s".formatted(storeFile(), verb, reason(cause)),
        "Check the file system. Nothing was created or replaced.",
        cause);
  }

  private static LatchkeyException notWritable(Path path, @Nullable IOException cause) {
    return new LatchkeyException(
        "The embedded store's directory %s is not writable%s"
            .formatted(path, cause == null ? "" : ": " + reason(cause)),
        "Make it writable by the application's user, or set latchkey.store.file.directory to another"
            + " directory.",
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
