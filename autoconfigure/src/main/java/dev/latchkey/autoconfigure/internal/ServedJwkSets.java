package dev.latchkey.autoconfigure.internal;

import dev.latchkey.LatchkeyException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The JWK sets that the application serves, each at a path of its own.
 *
 * @throws LatchkeyException if two have the same path
 */
public record ServedJwkSets(List<ServedJwkSet> all) {

  public ServedJwkSets {
    Map<String, ServedJwkSet> byPath = new HashMap<>();
    for (ServedJwkSet each : all) {
      ServedJwkSet other = byPath.put(each.path(), each);
      if (other != null) {
        throw new LatchkeyException(
            "latchkey.keysets.%s.jwks.path and latchkey.keysets.%s.jwks.path are both '%s'"
                .formatted(other.keyset(), each.keyset(), each.path()),
            "Serve each JWK set at a path of its own.");
      }
    }
    all = List.copyOf(all);
  }
}
