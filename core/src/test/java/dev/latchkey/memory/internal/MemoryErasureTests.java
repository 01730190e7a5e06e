package dev.latchkey.memory.internal;

import dev.latchkey.key.document.KeyEncryptionKeys;
import dev.latchkey.key.document.KeysetErasure;
import dev.latchkey.key.document.KeysetStore;
import dev.latchkey.test.KeysetErasureContract;
import java.time.Clock;

class MemoryErasureTests extends KeysetErasureContract {

  private final KeysetStore store = new MemoryKeysetStore(Clock.systemUTC());
  private final KeyEncryptionKeys keyEncryptionKeys = new MemoryKeyEncryptionKeys();

  @Override
  protected KeysetErasure erasure() {
    return KeysetErasure.nothingLeft();
  }

  @Override
  protected KeysetStore store() {
    return store;
  }

  @Override
  protected KeyEncryptionKeys keyEncryptionKeys() {
    return keyEncryptionKeys;
  }
}
