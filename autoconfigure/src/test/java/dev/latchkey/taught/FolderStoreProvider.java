package dev.latchkey.taught;

import dev.latchkey.key.document.KeysetErasure;
import dev.latchkey.memory.internal.MemorySecretSource;
import dev.latchkey.store.Backend;
import dev.latchkey.store.StoreContext;
import dev.latchkey.store.StorePolicies;
import dev.latchkey.store.StoreProvider;
import java.nio.file.Path;

/** Opens a store that Latchkey does not know. */
final class FolderStoreProvider implements StoreProvider {

  @Override
  public String type() {
    return "folder";
  }

  @Override
  public Backend open(StoreContext context) {
    Path folder = Path.of(context.environment().getRequiredProperty("app.folder"));
    return new Backend(
        type(),
        false,
        new FolderKeysetStore(folder.resolve("keysets"), context.clock()),
        new FolderKeysetStore(folder.resolve("counters"), context.clock()),
        new FolderKeysetStore(folder.resolve("public"), context.clock()),
        new FixedKeyEncryptionKeys(),
        KeysetErasure.nothingLeft(),
        new MemorySecretSource(),
        StorePolicies.NONE,
        () -> {});
  }
}
