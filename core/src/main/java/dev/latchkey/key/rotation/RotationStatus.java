package dev.latchkey.key.rotation;

import java.util.Comparator;
import java.util.Map;
import java.util.Optional;

/**
 * How the keysets of an application stand: what the endpoint, the health and the meters show.
 * Injected into whatever wants to know. It asks the store nothing and holds no key bytes; each call
 * tells how things are then.
 *
 * @since 0.1
 */
public interface RotationStatus {

  /** What keeps keysets and secrets: {@code vault}, {@code file} or {@code memory}; or nothing. */
  Optional<String> store();

  /** How each keyset stands, by name, in the order in which they were configured. */
  Map<String, KeysetStatus> keysets();

  /** How one keyset stands; empty if there is none of that name. */
  Optional<KeysetStatus> keyset(String name);

  /** That of the keyset that may be furthest behind the store; empty without keysets. */
  default Optional<Freshness> freshness() {
    return keysets().values().stream()
        .map(KeysetStatus::freshness)
        .max(Comparator.comparing(Freshness::state).thenComparing(Freshness::age));
  }
}
