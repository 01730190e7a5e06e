package dev.latchkey.vault;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The mounts met so far. Paths that begin alike wait for one look-up instead of asking each for
 * itself; no mount lies within another, so the one that is known to hold a path is the one.
 */
final class Mounts {

  private final VaultConnection connection;
  private final Map<String, Mount> known = new ConcurrentHashMap<>();
  private final Map<String, Object> locks = new ConcurrentHashMap<>();

  Mounts(VaultConnection connection) {
    this.connection = connection;
  }

  Mount of(String path) {
    Optional<Mount> mount = find(path);
    if (mount.isPresent()) {
      return mount.get();
    }
    synchronized (locks.computeIfAbsent(path.split("/", 2)[0], segment -> new Object())) {
      return find(path)
          .orElseGet(
              () -> {
                Mount found = Mount.lookUp(connection, path);
                known.put(found.path(), found);
                return found;
              });
    }
  }

  private Optional<Mount> find(String path) {
    return known.values().stream().filter(mount -> mount.holds(path)).findFirst();
  }
}
