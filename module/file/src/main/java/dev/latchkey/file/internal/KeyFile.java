package dev.latchkey.file.internal;

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
 * The file that contains a store's key: one line, the Base64 encoding of 256 random bits.
 *
 * @param path path of the file
 * @param forbidden permissions that its mode must not grant
 * @param inHome whether its directory may be created
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
   * A systemd credential. If systemd grants access by an access control list, the mask of that list
   * appears in place of the group's mode.
   */
  static KeyFile credential(Path path) {
    return new KeyFile(path, Set.of(OTHERS_READ, OTHERS_WRITE), false);
  }

  /** Reads the key; empty only if the file does not exist. */
  Optional<StoreKey> read() {
    if (Files.notExists(path)) {
      return Optional.empty();
    }
    try (InputStream stream = Files.newInputStream(path)) {
      if (OwnerOnly.belongsToAnother(path)) {
        throw new LatchkeyException(
            "Key file %s belongs to another user (%s)"
                .formatted(path, Files.getOwner(path).getName()),
            "Change its owner to the application's user:%n%n    chown \"$(id -u)\" %s"
                .formatted(path));
      }
      if (OwnerOnly.grantsAnyOf(path, forbidden) && !OwnerOnly.isMountedForGroup(path)) {
        throw new LatchkeyException(
            "Key file %s is accessible to other users (mode %s)"
                .formatted(path, OwnerOnly.mode(path)),
            "Restrict it to its owner:%n%n    chmod 600 %s".formatted(path));
      }
      StoreKey key =
          StoreKey.parse(stream.readNBytes(MAX_BYTES))
              .orElseThrow(
                  () ->
                      new LatchkeyException(
                          "Key file %s does not contain a key".formatted(path),
                          "It must contain one line: the Base64 encoding of 32 random bytes. Restore"
                              + " the key that the store was created with. Only if there is no store"
                              + " yet, create one:%n%n    (umask 077; openssl rand -base64 32 > %s)"
                                  .formatted(path)));
      return Optional.of(key);
    } catch (IOException ex) {
      throw new LatchkeyException(
          "Key file %s cannot be read: %s".formatted(path, StoreDirectory.reason(ex)),
          "Make it readable only by the application's user.",
          ex);
    }
  }

  /** Creates a new key; never replaces a file. */
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
          "Key file %s was just created by another process".formatted(path),
          "Start the application again.",
          ex);
    } catch (IOException ex) {
      throw new LatchkeyException(
          "Key file %s cannot be created: %s".formatted(path, StoreDirectory.reason(ex)),
          "Make its directory writable by the application's user, or set latchkey.store.file.key to the"
              + " absolute path of a file in another directory.",
          ex);
    }
  }
}
