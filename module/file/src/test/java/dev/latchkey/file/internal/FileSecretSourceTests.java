package dev.latchkey.file.internal;

import dev.latchkey.secret.SecretSource;
import dev.latchkey.test.SecretSourceContract;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;

class FileSecretSourceTests extends SecretSourceContract {

  private final FileStore store;

  FileSecretSourceTests(@TempDir Path root) throws IOException {
    store = StoreFixture.in(root).open();
  }

  @AfterEach
  void close() {
    store.close();
  }

  @Override
  protected SecretSource source() {
    return store.secrets();
  }
}
