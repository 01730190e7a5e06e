package dev.latchkey.store;

import dev.latchkey.key.document.KeysetErasure;
import dev.latchkey.memory.internal.MemoryKeyEncryptionKeys;
import dev.latchkey.memory.internal.MemoryKeysetStore;
import dev.latchkey.memory.internal.MemorySecretSource;

/** Stores keysets and secrets in memory until the process ends, for tests. */
final class MemoryStoreProvider implements StoreProvider {

  @Override
  public String type() {
    return "memory";
  }

  @Override
  public Backend open(StoreContext context) {
    return new Backend(
        type(),
        false,
        new MemoryKeysetStore(context.clock()),
        new MemoryKeysetStore(context.clock(), ".usage"),
        new MemoryKeysetStore(context.clock(), ".public"),
        new MemoryKeyEncryptionKeys(),
        KeysetErasure.nothingLeft(),
        new MemorySecretSource(),
        StorePolicies.NONE,
        () -> {});
  }
}
