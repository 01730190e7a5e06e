package dev.latchkey.key.live.internal;

import com.google.crypto.tink.KeysetHandle;
import dev.latchkey.key.internal.KeyIds;
import java.util.Arrays;
import java.util.stream.IntStream;

/** The primitives of one generation of a keyset, and the counters of its keys; immutable. */
final class Generation {

  private final Object[] primitives;
  private final long activeId;
  private final long spareId;
  private final UsageCounters.Counter active;

  /** The ids of all keys whose output carries their id, in ascending order. */
  private final long[] ids;

  /** The counters of those keys, in the same order. */
  private final UsageCounters.Counter[] counters;

  /**
   * @param primitives Tink's primitives, in the order of the slots
   * @param spareId the key that is promoted next, or {@link KeyIds#NONE}
   */
  Generation(Object[] primitives, KeysetHandle keyset, long spareId, UsageCounters usage) {
    this.primitives = primitives;
    this.spareId = spareId;
    this.activeId = Integer.toUnsignedLong(keyset.getPrimary().getId());
    this.active = usage.counter(activeId);
    this.ids =
        IntStream.range(0, keyset.size())
            .mapToObj(keyset::getAt)
            .filter(entry -> entry.getKey().getIdRequirementOrNull() != null)
            .mapToLong(entry -> Integer.toUnsignedLong(entry.getId()))
            .sorted()
            .toArray();
    this.counters =
        Arrays.stream(ids).mapToObj(usage::counter).toArray(UsageCounters.Counter[]::new);
  }

  Object primitive(int slot) {
    return primitives[slot];
  }

  long activeId() {
    return activeId;
  }

  /** Whether a key is the spare, and its output carries its id. */
  boolean isSpare(long keyId) {
    return keyId == spareId && identifies(keyId);
  }

  /** Whether this generation holds a key whose output carries its id. */
  boolean identifies(long keyId) {
    return Arrays.binarySearch(ids, keyId) >= 0;
  }

  /** Whether an id names a key that a newer generation may hold. */
  boolean lacks(long keyId) {
    return keyId != KeyIds.NONE && ids.length > 0 && !identifies(keyId);
  }

  void countProtected() {
    active.countProtected();
  }

  /** Counts a successful use of the key with this id, if the generation holds it. */
  void countProcessed(long keyId) {
    int index = Arrays.binarySearch(ids, keyId);
    if (index >= 0) {
      counters[index].countProcessed();
    }
  }
}
