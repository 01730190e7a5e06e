package dev.latchkey.file;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;

import dev.latchkey.LatchkeyException;
import dev.latchkey.StoreUnavailableException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;

/**
 * One process's exclusive hold on a store's directory, shared by everything in it that opens the
 * store, and the monitor that these take turns on.
 */
final class DirectoryLock implements AutoCloseable {

  static final String FILE = "lock";

  /**
   * What this process holds. The operating system gives a file lock to the process as a whole, and
   * takes it away as soon as any part of the process closes the file; contexts that share a store
   * (a test suite's cached ones) have nothing else in common. So this table is as wide as the lock.
   */
  private static final Map<Path, DirectoryLock> HELD = new HashMap<>();

  /** Far behind the text: where locks are mandatory, a locked range cannot be read. */
  private static final long LOCKED_POSITION = 1L << 40;

  private static final int MAX_TEXT_BYTES = 1024;

  private final Path directory;
  private final FileChannel channel;
  private Replaced replaced;
  private int holders = 1;

  private DirectoryLock(Path directory, FileChannel channel, Instant since) {
    this.directory = directory;
    this.channel = channel;
    this.replaced = new Replaced(since, true);
  }

  /**
   * Takes the lock, or joins those who have it in this process.
   *
   * @param directory its real path
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
            "Give each application a store of its own with latchkey.store.file.directory.");
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

  /** What became of the files that were replaced while it was held; only under this monitor. */
  Replaced replaced() {
    return replaced;
  }

  /** Another was replaced. */
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
            "%s cannot be released: %s".formatted(directory, StoreDirectory.reason(ex)),
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
   * Seen by every class loader, of which each has a table of its own: only to look whether the lock
   * is free would lose it to whoever has it.
   */
  private static String mark(Path directory) {
    return "dev.latchkey.file:" + directory;
  }

  private static LatchkeyException heldByAnother(Path directory, String holder) {
    return new LatchkeyException(
        "The embedded store at %s is in use by %s"
            .formatted(directory, holder.isEmpty() ? "another process" : holder),
        "Stop that process, or give this one a store of its own with"
            + " latchkey.store.file.directory. Where several processes share keys, use"
            + " latchkey.store.type=vault.");
  }

  private static String readText(FileChannel channel) throws IOException {
    ByteBuffer text = ByteBuffer.allocate(MAX_TEXT_BYTES);
    channel.read(text, 0);
    return UTF_8.decode(text.flip()).toString();
  }
}
