package dev.latchkey.file;

import dev.latchkey.LatchkeyException;
import dev.latchkey.key.document.KeyEncryptionKeys;
import dev.latchkey.key.document.KeysetErasure;
import dev.latchkey.key.document.KeysetStore;
import dev.latchkey.secret.SecretSource;
import java.nio.file.Path;
import java.time.Clock;
import org.jspecify.annotations.Nullable;

/**
 * An encrypted directory that keeps keysets and secrets on one machine, for one process, with
 * nothing to install. Its key lies elsewhere: who copies the directory alone can open nothing in
 * it.
 *
 * @since 0.1
 */
public final class FileStore implements AutoCloseable {

  private final DirectoryLock lock;
  private final StoreFile file;
  private final KeysetStore keysets;
  private final KeysetStore counters;
  private final KeysetStore publicHalves;
  private final KeyEncryptionKeys keyEncryptionKeys;
  private final KeysetErasure erasure;
  private final SecretSource secrets;

  private FileStore(DirectoryLock lock, StoreFile file, Clock clock) {
    this.lock = lock;
    this.file = file;
    this.keysets = new FileKeysetStore(file, clock, "");
    this.counters = new FileKeysetStore(file, clock, ".usage");
    this.publicHalves = new FileKeysetStore(file, clock, ".public");
    this.keyEncryptionKeys = new FileKeyEncryptionKeys(file.key());
    this.erasure = KeysetErasure.inOneStep(new FileErasure(file)::erase);
    this.secrets = new FileSecretSource(file, clock);
  }

  /**
   * Opens a store, and makes it first if the directory is missing or empty. Everything that opens
   * the same directory in one process shares one lock; another process is refused.
   *
   * @param directory where the store lies; relative to the working directory
   * @param keyFile absolute path of the file that holds the store's key, or null for {@code
   *     $CREDENTIALS_DIRECTORY/latchkey} where it exists, else {@code ~/.config/latchkey/[store
   *     id].key}
   * @throws dev.latchkey.StoreUnavailableException if the file system fails
   * @throws dev.latchkey.LatchkeyException if the directory, the key or the store's file is not
   *     what it has to be; no key and no document was made or changed
   */
  public static FileStore open(Path directory, @Nullable Path keyFile, Host host, Clock clock) {
    StoreDirectory storeDirectory =
        StoreDirectory.prepare(host.workingDirectory().resolve(directory).normalize());
    DirectoryLock lock = DirectoryLock.acquire(storeDirectory.path(), clock);
    try {
      synchronized (lock) {
        storeDirectory.clean();
        KeyFiles keys = new KeyFiles(keyFile, host, storeDirectory.path());
        StoreFile file =
            storeDirectory.holdsStore()
                ? StoreFile.open(storeDirectory, lock, keys)
                : StoreFile.create(storeDirectory, lock, keys);
        return new FileStore(lock, file, clock);
      }
    } catch (RuntimeException ex) {
      lock.close();
      throw ex;
    }
  }

  /**
   * Opens a store that is there already; makes nothing.
   *
   * @throws dev.latchkey.LatchkeyException also if there is no store
   */
  static FileStore openExisting(Path directory, @Nullable Path keyFile, Host host, Clock clock) {
    Path path = host.workingDirectory().resolve(directory).normalize();
    if (!new StoreDirectory(path).holdsStore()) {
      throw new LatchkeyException(
          "There is no embedded store at %s".formatted(path),
          "Name the directory that latchkey.store.file.directory named before; '.latchkey' in the"
              + " working directory unless it did.");
    }
    return open(directory, keyFile, host, clock);
  }

  public KeysetStore keysets() {
    return keysets;
  }

  /** Where the counters of uses lie. */
  public KeysetStore counters() {
    return counters;
  }

  /** Where the public halves of keysets lie. */
  public KeysetStore publicHalves() {
    return publicHalves;
  }

  public KeyEncryptionKeys keyEncryptionKeys() {
    return keyEncryptionKeys;
  }

  /** Erases what the file held before. */
  public KeysetErasure erasure() {
    return erasure;
  }

  public SecretSource secrets() {
    return secrets;
  }

  /** Closes this store; the directory's lock goes with the last that shares it. */
  @Override
  public void close() {
    if (file.close()) {
      lock.close();
    }
  }

  @Override
  public String toString() {
    return file.toString();
  }
}
