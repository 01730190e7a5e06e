package dev.latchkey.file.internal;

import dev.latchkey.key.document.KeyEncryptionKeys;
import dev.latchkey.test.KeyEncryptionKeysContract;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;

class FileKeyEncryptionKeysTests extends KeyEncryptionKeysContract {

  private final FileStore store;

  FileKeyEncryptionKeysTests(@TempDir Path root) throws IOException {
    store = StoreFixture.in(root).open();
  }

  @AfterEach
  void close() {
    store.close();
  }

  @Override
  protected KeyEncryptionKeys keys() {
    return store.keyEncryptionKeys();
  }
}
