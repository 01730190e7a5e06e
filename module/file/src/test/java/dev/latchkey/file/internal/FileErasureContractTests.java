package dev.latchkey.file.internal;

import dev.latchkey.key.document.KeyEncryptionKeys;
import dev.latchkey.key.document.KeysetErasure;
import dev.latchkey.key.document.KeysetStore;
import dev.latchkey.test.KeysetErasureContract;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;

class FileErasureContractTests extends KeysetErasureContract {

  private final FileStore store;

  FileErasureContractTests(@TempDir Path root) throws IOException {
    store = StoreFixture.in(root).open();
  }

  @AfterEach
  void close() {
    store.close();
  }

  @Override
  protected KeysetErasure erasure() {
    return store.erasure();
  }

  @Override
  protected KeysetStore store() {
    return store.keysets();
  }

  @Override
  protected KeyEncryptionKeys keyEncryptionKeys() {
    return store.keyEncryptionKeys();
  }
}
