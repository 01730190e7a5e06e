package dev.latchkey.file.internal;

import dev.latchkey.LatchkeyException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Locates a store's key: in the configured file, else among systemd's credentials, else in the home
 * directory of the user. A key must not be copied along with what it protects, so some locations
 * are refused.
 *
 * @param given absolute path of a key file, or null
 * @param host process whose environment and home directory are used
 * @param storeDirectory real path of the store's directory
 */
record KeyFiles(@Nullable Path given, Host host, Path storeDirectory) {

  private static final String CREDENTIALS_DIRECTORY = "CREDENTIALS_DIRECTORY";

  /** The key file of a store, which may not exist. */
  KeyFile locate(String storeId) {
    KeyFile keyFile = choose(storeId);
    Path real = realPath(keyFile.path());
    if (real.startsWith(storeDirectory)) {
      throw new LatchkeyException(
          "The key file of the embedded store must not be inside the store: %s"
              .formatted(keyFile.path()),
          "Move it out of %s, so that a copy of the directory does not contain its key."
              .formatted(storeDirectory));
    }
    return keyFile;
  }

  private KeyFile choose(String storeId) {
    if (given != null) {
      refuseInProject(given);
      return KeyFile.given(given);
    }
    String credentials = host.variables().get(CREDENTIALS_DIRECTORY);
    if (credentials != null) {
      Path credential = Path.of(credentials, "latchkey");
      if (!Files.notExists(credential)) {
        return KeyFile.credential(credential);
      }
    }
    if (!host.home().isAbsolute()) {
      throw new LatchkeyException(
          "The key file of the embedded store has no location: the user has no home directory",
          "Set latchkey.store.file.key to the absolute path of a file outside the application's"
              + " directories.");
    }
    return KeyFile.inHome(
        host.home().resolve(".config").resolve("latchkey").resolve(storeId + ".key"));
  }

  private void refuseInProject(Path file) {
    Path real = realPath(file);
    Path workingDirectory = realPath(host.workingDirectory());
    if (workingDirectory.getNameCount() > 0 && real.startsWith(workingDirectory)) {
      throw misplaced(file, "the working directory " + workingDirectory);
    }
    for (Path parent = real.getParent(); parent != null; parent = parent.getParent()) {
      if (Files.exists(parent.resolve(".git"))) {
        throw misplaced(file, "the Git work tree " + parent);
      }
    }
  }

  private static LatchkeyException misplaced(Path file, String where) {
    return new LatchkeyException(
        "The key file %s (latchkey.store.file.key) is in %s".formatted(file, where),
        "Move it to a directory that is neither copied nor committed with the application, such as"
            + " /etc/latchkey or ~/.config/latchkey.");
  }

  /** The real path, as far as the file exists. */
  private static Path realPath(Path path) {
    Path absolute = path.toAbsolutePath().normalize();
    try {
      return absolute.toRealPath();
    } catch (IOException ex) {
      Path parent = absolute.getParent();
      return parent == null ? absolute : realPath(parent).resolve(absolute.getFileName());
    }
  }
}
