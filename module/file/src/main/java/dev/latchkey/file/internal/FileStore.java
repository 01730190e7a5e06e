package dev.latchkey.file.internal;

import dev.latchkey.LatchkeyException;
import dev.latchkey.key.document.KeyEncryptionKeys;
import dev.latchkey.key.document.KeysetErasure;
import dev.latchkey.key.document.KeysetStore;
import dev.latchkey.secret.SecretSource;
import java.nio.file.Path;
import java.time.Clock;
import org.jspecify.annotations.Nullable;

/**
 * An encrypted directory that stores keysets and secrets on one machine, for one process, without a
 * server. Its key is stored elsewhere: a copy of the directory alone cannot be decrypted.
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
   * Opens a store, and creates it if the directory does not exist or is empty. Everything in one
   * process that opens the same directory shares one lock; other processes are refused.
   *
   * @param directory directory of the store, relative to the working directory
   * @param keyFile absolute path of the file that contains the store's key, or null for {@code
   *     $CREDENTIALS_DIRECTORY/latchkey} if it exists, else {@code ~/.config/latchkey/[store
   *     id].key}
   * @throws dev.latchkey.StoreUnavailableException if the file system fails
   * @throws dev.latchkey.LatchkeyException if the directory, the key or the store's file is
   *     refused; no key and no document was created or changed
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
   * Opens an existing store. Creates nothing.
   *
   * @throws dev.latchkey.LatchkeyException also if the store does not exist
   */
  static FileStore openExisting(Path directory, @Nullable Path keyFile, Host host, Clock clock) {
    Path path = host.workingDirectory().resolve(directory).normalize();
    if (!new StoreDirectory(path).holdsStore()) {
      throw new LatchkeyException(
          "There is no embedded store at %s".formatted(path),
          "Name the directory that latchkey.store.file.directory was set to, or '.latchkey' in the"
              + " working directory if it was not set.");
    }
    return open(directory, keyFile, host, clock);
  }

  public KeysetStore keysets() {
    return keysets;
  }

  /** Usage counters. */
  public KeysetStore counters() {
    return counters;
  }

  /** Public halves of keysets. */
  public KeysetStore publicHalves() {
    return publicHalves;
  }

  public KeyEncryptionKeys keyEncryptionKeys() {
    return keyEncryptionKeys;
  }

  /** Erases earlier contents of the file. */
  public KeysetErasure erasure() {
    return erasure;
  }

  public SecretSource secrets() {
    return secrets;
  }

  /** Closes this store. The last store that shares the directory's lock releases it. */
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
