package dev.latchkey.vault.internal.kv;

import dev.latchkey.StoreUnavailableException;
import dev.latchkey.vault.internal.client.VaultConnection;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The mounts met so far. Paths that begin alike wait for one look-up instead of asking each for
 * itself; no mount lies within another, so the one that is known to hold a path is the one. Where
 * that look-up gets no answer, those who waited for it do not wait for another.
 */
public final class Mounts {

  private final VaultConnection connection;
  private final Map<String, Mount> known = new ConcurrentHashMap<>();

  /** By the paths' first segment; each ends with the outage that it met, if any. */
  private final Map<String, CompletableFuture<Optional<StoreUnavailableException>>> underWay =
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
      var other = underWay.putIfAbsent(firstSegment, own);
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
        underWay.remove(firstSegment);
        own.complete(Optional.empty());
      }
    }
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
