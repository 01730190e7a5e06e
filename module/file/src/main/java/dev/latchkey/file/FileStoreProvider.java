package dev.latchkey.file;

import dev.latchkey.file.internal.FileStore;
import dev.latchkey.file.internal.Host;
import dev.latchkey.store.Backend;
import dev.latchkey.store.StoreContext;
import dev.latchkey.store.StorePolicies;
import dev.latchkey.store.StoreProvider;
import java.nio.file.Files;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;

/** Opens the embedded store, an encrypted directory. */
@Order(Ordered.LOWEST_PRECEDENCE)
final class FileStoreProvider implements StoreProvider {

  private final Host host;
  private final boolean inContainer;

  FileStoreProvider() {
    this(Host.current());
  }

  private FileStoreProvider(Host host) {
    this(host, Containers.surround(host.variables(), Files::exists));
  }

  FileStoreProvider(Host host, boolean inContainer) {
    this.host = host;
    this.inContainer = inContainer;
  }

  @Override
  public String type() {
    return "file";
  }

  @Override
  public boolean isDefault(StoreContext context) {
    new EmbeddedStoreDefault(context.environment(), inContainer).check();
    return true;
  }

  @Override
  public Backend open(StoreContext context) {
    FileStoreProperties properties =
        context.bind(FileStoreProperties.PREFIX, FileStoreProperties.class);
    FileStore store =
        FileStore.open(properties.directoryPath(), properties.keyPath(), host, context.clock());
    return new Backend(
        type(),
        false,
        store.keysets(),
        store.counters(),
        store.publicHalves(),
        store.keyEncryptionKeys(),
        store.erasure(),
        store.secrets(),
        StorePolicies.NONE,
        store::close);
  }
}
