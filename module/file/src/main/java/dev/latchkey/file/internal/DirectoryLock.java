package dev.latchkey.file.internal;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;

import dev.latchkey.LatchkeyException;
import dev.latchkey.StoreUnavailableException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Clock;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The exclusive lock of one process on a store's directory. Everything in the process that opens
 * the store shares it, and synchronizes on it.
 */
final class DirectoryLock implements AutoCloseable {

  static final String FILE = "lock";

  /**
   * The locks of this process. The operating system grants a file lock to the process as a whole,
   * and releases it as soon as any part of the process closes the file. Application contexts that
   * share a store (such as cached ones of a test suite) have nothing else in common, so this table
   * has the scope of the lock.
   */
  private static final Map<Path, DirectoryLock> HELD = new HashMap<>();

  /** Far behind the text: with mandatory locks, a locked range cannot be read. */
  private static final long LOCKED_POSITION = 1L << 40;

  private static final int MAX_TEXT_BYTES = 1024;

  private final Path directory;
  private final FileChannel channel;
  private final @Nullable Object file;
  private Replaced replaced;
  private int holders = 1;

  private DirectoryLock(Path directory, FileChannel channel, Instant since) {
    this.directory = directory;
    this.channel = channel;
    this.file = fileKey(directory);
    this.replaced = new Replaced(since, true);
  }

  /**
   * Acquires the lock, or shares it if this process holds it already.
   *
   * @param directory real path of the directory
   */
  static DirectoryLock acquire(Path directory, Clock clock) {
    synchronized (HELD) {
      DirectoryLock held = HELD.get(directory);
      if (held != null) {
        held.holders++;
        return held;
      }
      if (System.getProperties().putIfAbsent(mark(directory), "open") != null) {
        throw new LatchkeyException(
            "The embedded store at %s is in use by another application in this process"
                .formatted(directory),
            "Give each application its own store with latchkey.store.file.directory.");
      }
      try {
        Instant now = clock.instant();
        DirectoryLock lock = new DirectoryLock(directory, lock(directory, now), now);
        HELD.put(directory, lock);
        return lock;
      } catch (RuntimeException ex) {
        System.clearProperty(mark(directory));
        throw ex;
      }
    }
  }

  /**
   * What happened to the files that were replaced under this lock. Call only while synchronized on
   * it.
   */
  Replaced replaced() {
    return replaced;
  }

  /**
   * Checks that this is still the lock that another process would find. Without it, two processes
   * could write at the same time.
   *
   * @throws StoreUnavailableException if the file was removed or replaced
   */
  void requireHeld() {
    if (!Objects.equals(file, fileKey(directory))) {
      throw new StoreUnavailableException(
          "The lock of the embedded store at %s was removed or replaced".formatted(directory),
          "Another process may have opened the store. Restart this application, and don't remove the"
              + " file 'lock'.");
    }
  }

  private static @Nullable Object fileKey(Path directory) {
    try {
      return Files.readAttributes(
              directory.resolve(FILE), BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
          .fileKey();
    } catch (IOException ex) {
      return null;
    }
  }

  /** Records that another file was replaced. */
  void replaced(boolean overwritten) {
    replaced = replaced.with(overwritten);
  }

  @Override
  public void close() {
    synchronized (HELD) {
      holders--;
      if (holders > 0) {
        return;
      }
      try {
        channel.close();
      } catch (IOException ex) {
        throw new StoreUnavailableException(
            "Lock on %s cannot be released: %s".formatted(directory, StoreDirectory.reason(ex)),
            "It is released when the process ends.",
            ex);
      } finally {
        HELD.remove(directory, this);
        System.clearProperty(mark(directory));
      }
    }
  }

  private static FileChannel lock(Path directory, Instant now) {
    try {
      FileChannel channel = OwnerOnly.open(directory.resolve(FILE), CREATE, READ, WRITE);
      try {
        if (channel.tryLock(LOCKED_POSITION, 1, false) == null) {
          throw heldByAnother(directory, readText(channel));
        }
        if (OwnerOnly.hasAnotherName(directory.resolve(FILE))) {
          return channel; // its text would also change under that name
        }
        String text = "process %d since %s".formatted(ProcessHandle.current().pid(), now);
        channel.truncate(0);
        channel.write(ByteBuffer.wrap(text.getBytes(UTF_8)), 0);
        return channel;
      } catch (IOException | RuntimeException ex) {
        channel.close();
        throw ex;
      }
    } catch (IOException ex) {
      throw new StoreUnavailableException(
          "%s cannot be locked: %s".formatted(directory, StoreDirectory.reason(ex)),
          "Set latchkey.store.file.directory to a directory on a local file system.",
          ex);
    }
  }

  /**
   * Visible to every class loader, each of which has its own table. Opening the file to check the
   * lock would release it for its holder.
   */
  private static String mark(Path directory) {
    return "dev.latchkey.file:" + directory;
  }

  private static LatchkeyException heldByAnother(Path directory, String holder) {
    return new LatchkeyException(
        "The embedded store at %s is in use by %s"
            .formatted(directory, holder.isEmpty() ? "another process" : holder),
        "Stop that process, or give this one its own store with latchkey.store.file.directory. If"
            + " several processes share keys, set latchkey.store.type=vault.");
  }

  private static String readText(FileChannel channel) throws IOException {
    ByteBuffer text = ByteBuffer.allocate(MAX_TEXT_BYTES);
    channel.read(text, 0);
    return UTF_8.decode(text.flip()).toString();
  }
}
