package dev.latchkey.memory.internal;

import dev.latchkey.key.document.KeyEncryptionKeys;
import dev.latchkey.test.KeyEncryptionKeysContract;

class MemoryKeyEncryptionKeysTests extends KeyEncryptionKeysContract {

  private final KeyEncryptionKeys keys = new MemoryKeyEncryptionKeys();

  @Override
  protected KeyEncryptionKeys keys() {
    return keys;
  }
}
