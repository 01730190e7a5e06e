package dev.latchkey.file;

import dev.latchkey.file.internal.FileStoreOrigin;
import dev.latchkey.file.internal.Host;
import dev.latchkey.store.StoreContext;
import dev.latchkey.store.internal.MovableStore;
import java.nio.file.Path;

/** Opens an embedded store that keysets are imported from. */
final class MovableFileStoreProvider implements MovableStore.Provider {

  @Override
  public String scheme() {
    return "file-store";
  }

  @Override
  public MovableStore at(Path path, StoreContext context) {
    return new FileStoreOrigin(
        path,
        context.bind(FileStoreProperties.PREFIX, FileStoreProperties.class).keyPath(),
        Host.current(),
        context.clock());
  }
}
