package dev.latchkey.vault.internal.kv;

import dev.latchkey.StoreUnavailableException;
import dev.latchkey.vault.internal.client.VaultConnection;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Caches mounts. Concurrent lookups of paths with the same first segment share one request: mounts
 * do not nest, so a cached mount that contains a path is its mount. If the request fails because
 * Vault is unavailable, it fails for all callers that waited for it.
 */
public final class Mounts {

  private final VaultConnection connection;
  private final Map<String, Mount> known = new ConcurrentHashMap<>();

  /** By first segment; each completes with the outage, if any. */
  private final Map<String, CompletableFuture<Optional<StoreUnavailableException>>> pending =
      new ConcurrentHashMap<>();

  public Mounts(VaultConnection connection) {
    this.connection = connection;
  }

  public Mount of(String path) {
    String firstSegment = path.split("/", 2)[0];
    while (true) {
      Optional<Mount> mount = find(path);
      if (mount.isPresent()) {
        return mount.get();
      }
      CompletableFuture<Optional<StoreUnavailableException>> own = new CompletableFuture<>();
      var other = pending.putIfAbsent(firstSegment, own);
      if (other != null) {
        Optional<StoreUnavailableException> outage = other.join();
        if (outage.isPresent()) {
          throw outage.get();
        }
        continue;
      }
      try {
        return find(path).orElseGet(() -> lookUp(path));
      } catch (StoreUnavailableException ex) {
        own.complete(Optional.of(ex));
        throw ex;
      } finally {
        pending.remove(firstSegment);
        own.complete(Optional.empty());
      }
    }
  }

  /**
   * Looks a mount up again: its kind can change, as when versioning is enabled or when another
   * engine is mounted there.
   *
   * @param known the mount of the path, as far as known
   */
  public Mount again(Mount known, String path) {
    this.known.remove(known.path(), known);
    return of(path);
  }

  private Mount lookUp(String path) {
    Mount found = Mount.lookUp(connection, path);
    known.put(found.path(), found);
    return found;
  }

  private Optional<Mount> find(String path) {
    return known.values().stream().filter(mount -> mount.holds(path)).findFirst();
  }
}
