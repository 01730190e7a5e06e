package dev.latchkey.file.internal;

import dev.latchkey.key.document.KeysetStore;
import dev.latchkey.test.KeysetStoreContract;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;

class FileKeysetStoreTests extends KeysetStoreContract {

  private final FileStore store;

  FileKeysetStoreTests(@TempDir Path root) throws IOException {
    store = StoreFixture.in(root).open();
  }

  @AfterEach
  void close() {
    store.close();
  }

  @Override
  protected KeysetStore store() {
    return store.keysets();
  }
}
