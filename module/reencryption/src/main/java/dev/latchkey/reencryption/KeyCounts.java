package dev.latchkey.reencryption;

import java.util.Map;
import java.util.TreeMap;

/**
 * How many ciphertexts are encrypted with each key.
 *
 * @param counts ciphertexts by key ID, without keys that have none
 * @param unknown ciphertexts without the ID of a key in the keyset
 * @since 0.1
 */
public record KeyCounts(Map<Long, Long> counts, long unknown) {

  public KeyCounts {
    counts = Map.copyOf(counts);
  }

  /** How many are encrypted with a key. */
  public long of(long keyId) {
    return counts.getOrDefault(keyId, 0L);
  }

  @Override
  public String toString() {
    return "KeyCounts[%s, unknown=%d]".formatted(new TreeMap<>(counts), unknown);
  }
}
