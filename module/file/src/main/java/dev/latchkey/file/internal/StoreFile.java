package dev.latchkey.file.internal;

import com.google.crypto.tink.Aead;
import com.google.crypto.tink.subtle.Bytes;
import com.google.crypto.tink.subtle.Random;
import dev.latchkey.LatchkeyException;
import dev.latchkey.StoreUnavailableException;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.function.Function;
import tools.jackson.core.JacksonException;

/**
 * The single file of a store, encrypted and authenticated as a whole: no part of it can be moved,
 * renamed, removed or rolled back on its own, and a copy of it is always consistent. Every read
 * reads the file, so the file system is the only source of truth.
 */
final class StoreFile {

  /**
   * A change to write.
   *
   * @param contents the complete contents after the change
   * @param result what the writer gets once it is written
   */
  record Change<T>(StoreContents contents, T result) {}

  private static final int STORE_ID_BYTES = 8;

  private final StoreDirectory directory;
  private final DirectoryLock lock;
  private final String storeId;
  private final StoreKey key;
  private final Aead aead;
  private long newestGeneration;
  private boolean closed;

  private StoreFile(StoreDirectory directory, DirectoryLock lock, String storeId, StoreKey key) {
    this.directory = directory;
    this.lock = lock;
    this.storeId = storeId;
    this.key = key;
    this.aead = key.aead("store");
  }

  /** Opens the store in a directory. */
  static StoreFile open(StoreDirectory directory, DirectoryLock lock, KeyFiles keyFiles) {
    StoreHeader header = header(directory, directory.read());
    KeyFile keyFile = keyFiles.locate(header.storeId());
    StoreKey key = keyFile.read().orElseThrow(() -> keyMissing(directory, keyFile));
    if (!key.id().equals(header.keyId())) {
      throw new LatchkeyException(
          "The embedded store at %s was created with key %s, but %s contains key %s"
              .formatted(directory.path(), header.keyId(), keyFile.path(), key.id()),
          "Set latchkey.store.file.key to the file that contains key %s."
              .formatted(header.keyId()));
    }
    StoreFile file = new StoreFile(directory, lock, header.storeId(), key);
    file.read();
    return file;
  }

  /** Creates a store, and its key if it does not exist. */
  static StoreFile create(StoreDirectory directory, DirectoryLock lock, KeyFiles keyFiles) {
    String storeId = HexFormat.of().formatHex(Random.randBytes(STORE_ID_BYTES));
    KeyFile keyFile = keyFiles.locate(storeId);
    StoreKey key = keyFile.read().orElseGet(keyFile::create);
    StoreFile file = new StoreFile(directory, lock, storeId, key);
    file.write(StoreContents.EMPTY);
    return file;
  }

  String storeId() {
    return storeId;
  }

  StoreKey key() {
    return key;
  }

  StoreContents read() {
    synchronized (lock) {
      refuseWhenClosed();
      lock.requireHeld();
      byte[] file = directory.read();
      StoreHeader header = header(directory, file);
      if (!header.storeId().equals(storeId) || header.generation() < newestGeneration) {
        throw damaged(directory, "was replaced by another or an older one while it was open");
      }
      StoreContents contents = decrypt(header, file);
      newestGeneration = header.generation();
      return contents;
    }
  }

  /** Applies a change to the current contents; writes nothing if the change throws. */
  <T> T update(Function<StoreContents, Change<T>> change) {
    synchronized (lock) {
      Change<T> changed = change.apply(read());
      write(changed.contents());
      return changed.result();
    }
  }

  /** Rewrites the current contents, and returns what happened to all files before. */
  Replaced rewrite() {
    synchronized (lock) {
      write(read());
      read();
      return lock.replaced();
    }
  }

  /** Ends all use. Returns true the first time. */
  boolean close() {
    synchronized (lock) {
      boolean first = !closed;
      closed = true;
      return first;
    }
  }

  private void write(StoreContents contents) {
    StoreHeader header = new StoreHeader(storeId, newestGeneration + 1, key.id());
    byte[] json = contents.toJson();
    try {
      byte[] body = aead.encrypt(json, header.line());
      lock.replaced(directory.write(Bytes.concat(header.line(), body)));
      newestGeneration = header.generation();
    } catch (GeneralSecurityException ex) {
      throw new IllegalStateException("The embedded store cannot be encrypted", ex);
    } finally {
      Arrays.fill(json, (byte) 0);
    }
  }

  private StoreContents decrypt(StoreHeader header, byte[] file) {
    byte[] line = header.line();
    byte[] body = Arrays.copyOfRange(file, line.length, file.length);
    byte[] json = new byte[0];
    try {
      json = aead.decrypt(body, line);
      return StoreContents.parse(json);
    } catch (GeneralSecurityException ex) {
      throw damaged(directory, "is damaged: truncated or modified since it was written");
    } catch (JacksonException ex) {
      throw damaged(directory, "has contents that this version of Latchkey cannot read");
    } finally {
      Arrays.fill(json, (byte) 0);
    }
  }

  /** The path of the file, for messages. */
  String path() {
    return directory.storeFile().toString();
  }

  private void refuseWhenClosed() {
    if (closed) {
      throw new StoreUnavailableException(
          "The embedded store at %s is closed".formatted(directory.path()),
          "Start the application again.");
    }
  }

  private static StoreHeader header(StoreDirectory directory, byte[] file) {
    return StoreHeader.parse(file)
        .orElseThrow(
            () -> {
              if (file.length == 0) {
                return damaged(directory, "is empty");
              }
              return damaged(
                  directory,
                  StoreHeader.isOfAnotherFormat(file)
                      ? "has a format that this version of Latchkey does not support"
                      : "is not an embedded store of Latchkey");
            });
  }

  private static LatchkeyException damaged(StoreDirectory directory, String what) {
    return new LatchkeyException(
        "%s %s".formatted(directory.storeFile(), what),
        "Restore an earlier copy of the directory. Nothing was changed. To start with an empty store"
            + " and new keys instead, move %s away.".formatted(directory.path()));
  }

  private static LatchkeyException keyMissing(StoreDirectory directory, KeyFile keyFile) {
    return new LatchkeyException(
        "The embedded store at %s cannot be opened: its key is not at %s"
            .formatted(directory.path(), keyFile.path()),
        "Restore the key file. It belongs to the user who created the store, and without it nothing"
            + " in the store can be read. To start with an empty store and new keys instead, move %s"
            + " away.".formatted(directory.path()));
  }

  @Override
  public String toString() {
    return "embedded store at " + directory.path();
  }
}
