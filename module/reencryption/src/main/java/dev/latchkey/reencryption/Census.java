package dev.latchkey.reencryption;

import java.util.Map;
import java.util.TreeMap;

/**
 * How many ciphertexts are under which key.
 *
 * @param counts by key id; keys that hold none are left out
 * @param unknown how many name no key that the keyset holds
 * @since 0.1
 */
public record Census(Map<Long, Long> counts, long unknown) {

  public Census {
    counts = Map.copyOf(counts);
  }

  /** How many are under a key. */
  public long under(long keyId) {
    return counts.getOrDefault(keyId, 0L);
  }

  @Override
  public String toString() {
    return "Census[%s, unknown=%d]".formatted(new TreeMap<>(counts), unknown);
  }
}
