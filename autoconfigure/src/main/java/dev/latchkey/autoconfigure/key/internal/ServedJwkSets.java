package dev.latchkey.autoconfigure.key.internal;

import dev.latchkey.LatchkeyException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The JWK sets that the application serves, each at its own path.
 *
 * @throws LatchkeyException if two of them have the same path
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
            "Give each JWK set its own path.");
      }
    }
    all = List.copyOf(all);
  }
}
