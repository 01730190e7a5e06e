package dev.latchkey.memory.internal;

import dev.latchkey.secret.SecretSource;
import dev.latchkey.test.SecretSourceContract;

class MemorySecretSourceTests extends SecretSourceContract {

  private final SecretSource source = new MemorySecretSource();

  @Override
  protected SecretSource source() {
    return source;
  }
}
