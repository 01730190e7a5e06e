package dev.latchkey.memory.internal;

import dev.latchkey.key.document.KeysetStore;
import dev.latchkey.test.KeysetStoreContract;
import java.time.Clock;

class MemoryKeysetStoreTests extends KeysetStoreContract {

  private final KeysetStore store = new MemoryKeysetStore(Clock.systemUTC());

  @Override
  protected KeysetStore store() {
    return store;
  }
}
