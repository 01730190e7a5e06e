package dev.latchkey.file.internal;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A machine of its own for a test: a home, a project to work in, and a store.
 *
 * @param root holds all of it
 * @param host what the store sees
 * @param clock that of the store
 */
record StoreFixture(Path root, Host host, Clock clock) {

  static StoreFixture in(Path root) throws IOException {
    return in(root, Clock.systemUTC());
  }

  static StoreFixture in(Path root, Clock clock) throws IOException {
    Path realRoot = root.toRealPath();
    Path home = Files.createDirectories(realRoot.resolve("home"));
    Path project = Files.createDirectories(realRoot.resolve("project"));
    return new StoreFixture(realRoot, new Host(Map.of(), home, project), clock);
  }

  FileStore open() {
    return open(null);
  }

  FileStore open(@Nullable Path key) {
    return open(Path.of(".latchkey"), key, host);
  }

  FileStore open(Path directory, @Nullable Path key, Host host) {
    return FileStore.open(directory, key, host, clock);
  }

  /** Makes a store, writes with it and closes it. */
  void make() {
    try (FileStore store = open()) {
      store.secrets().write("secret/orders-db", Map.of("password", "canary-91c4"), 0);
    }
  }

  Path directory() {
    return host.workingDirectory().resolve(".latchkey");
  }

  Path storeFile() {
    return directory().resolve("store");
  }

  /** The only key in the home. */
  Path key() throws IOException {
    try (Stream<Path> keys = Files.list(host.home().resolve(".config/latchkey"))) {
      return keys.reduce(
              (one, other) -> {
                throw new AssertionError("two keys: " + one + ", " + other);
              })
          .orElseThrow();
    }
  }

  /** Whether this process has the lock. Only to ask loses it. */
  boolean isLocked() throws IOException {
    try (FileChannel channel =
        FileChannel.open(directory().resolve("lock"), StandardOpenOption.WRITE)) {
      channel.tryLock();
      return false;
    } catch (OverlappingFileLockException ex) {
      return true;
    }
  }

  static String mode(Path path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }

  static void chmod(Path path, String mode) throws IOException {
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(mode));
  }
}
