package dev.latchkey.file;

import static java.nio.file.attribute.PosixFilePermission.OTHERS_READ;
import static java.nio.file.attribute.PosixFilePermission.OTHERS_WRITE;

import dev.latchkey.LatchkeyException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.Set;

/**
 * The file that holds a store's key: one line, the Base64 of 256 random bits.
 *
 * @param path where it lies
 * @param forbidden what its mode must not grant
 * @param inHome whether its directory may be made
 */
record KeyFile(Path path, Set<PosixFilePermission> forbidden, boolean inHome) {

  private static final int MAX_BYTES = 1024;

  static KeyFile inHome(Path path) {
    return new KeyFile(path, PosixFilePermissions.fromString("---rwxrwx"), true);
  }

  static KeyFile given(Path path) {
    return new KeyFile(path, PosixFilePermissions.fromString("---rwxrwx"), false);
  }

  /**
   * One of systemd's credentials: where it gives access by an access control list, the list's mask
   * stands in the place of the group's mode.
   */
  static KeyFile credential(Path path) {
    return new KeyFile(path, Set.of(OTHERS_READ, OTHERS_WRITE), false);
  }

  /** Reads the key; empty only if there is no such file. */
  Optional<StoreKey> read() {
    if (Files.notExists(path)) {
      return Optional.empty();
    }
    try (InputStream stream = Files.newInputStream(path)) {
      if (OwnerOnly.grantsAnyOf(path, forbidden)) {
        throw new LatchkeyException(
            "The key file %s is open to others: it has mode %s"
                .formatted(path, OwnerOnly.mode(path)),
            "Close it to all but its owner:%n%n    chmod 600 %s".formatted(path));
      }
      StoreKey key =
          StoreKey.parse(stream.readNBytes(MAX_BYTES))
              .orElseThrow(
                  () ->
                      new LatchkeyException(
                          "The key file %s holds no key".formatted(path),
                          "It must be one line, the Base64 of 32 random bytes. Put back the key"
                              + " that the store was made with; only if there is no store yet, make"
                              + " one:%n%n    (umask 077; openssl rand -base64 32 > %s)"
                                  .formatted(path)));
      return Optional.of(key);
    } catch (IOException ex) {
      throw new LatchkeyException(
          "The key file %s cannot be read: %s".formatted(path, StoreDirectory.reason(ex)),
          "Let the application's user, and nobody else, read it.",
          ex);
    }
  }

  /** Makes a new key; never in the place of a file. */
  StoreKey create() {
    StoreKey key = StoreKey.random();
    try {
      if (inHome) {
        OwnerOnly.createDirectoryOf(path);
      }
      OwnerOnly.createFile(path, key.encoded());
      return key;
    } catch (FileAlreadyExistsException ex) {
      throw new LatchkeyException(
          "The key file %s was made by another process just now".formatted(path),
          "Start again.",
          ex);
    } catch (IOException ex) {
      throw new LatchkeyException(
          "The key file %s cannot be made: %s".formatted(path, StoreDirectory.reason(ex)),
          "Let the application's user write there, or set latchkey.store.file.key to the absolute"
              + " path of a file where it may.",
          ex);
    }
  }
}
