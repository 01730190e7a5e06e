package dev.latchkey.key.rotation;

import dev.latchkey.key.rotation.KeysetStatus.Freshness;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;

/**
 * The status of all keysets of an application, as the endpoint, the health indicator and the meters
 * show it. It never accesses the store and holds no key material. Each call returns the current
 * status.
 *
 * @since 0.1
 */
public interface RotationStatus {

  /**
   * The type of the store: {@code vault}, {@code file} or {@code memory}; empty if none is open.
   */
  Optional<String> store();

  /** The status of each keyset by name, in the order of configuration. */
  Map<String, KeysetStatus> keysets();

  /** The status of one keyset; empty if there is no keyset with this name. */
  Optional<KeysetStatus> keyset(String name);

  /** The freshness of the keyset that may lag furthest behind; empty without keysets. */
  default Optional<Freshness> freshness() {
    return keysets().values().stream()
        .map(KeysetStatus::freshness)
        .max(Comparator.comparing(Freshness::state).thenComparing(Freshness::age));
  }
}
