package dev.latchkey.key.live.internal;

import dev.latchkey.key.KeyUsage;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Counts how often this instance uses each key of a keyset. Counting takes no lock, allocates
 * nothing and reads no clock, so that the last use of a key is only known to the nearest refresh.
 */
public final class UsageCounters {

  private final Map<Long, Counter> counters = new ConcurrentHashMap<>();

  UsageCounters() {}

  Counter counter(long keyId) {
    return counters.computeIfAbsent(keyId, id -> new Counter());
  }

  /** Records {@code now} as the last use of every key that was used since the previous call. */
  public void recordLastUses(Instant now) {
    counters.values().forEach(counter -> counter.recordLastUse(now));
  }

  /** How often a key encrypted, computed or signed. */
  public long protectedCount(long keyId) {
    Counter counter = counters.get(keyId);
    return counter != null ? counter.protectedCount.sum() : 0;
  }

  /** The usage of each key, by key id. */
  public Map<Long, KeyUsage> usage() {
    Map<Long, KeyUsage> usage = new TreeMap<>();
    counters.forEach((id, counter) -> usage.put(id, counter.usage()));
    return usage;
  }

  /** The counter of one key, shared by all generations that hold the key. */
  static final class Counter {

    private final LongAdder protectedCount = new LongAdder();
    private final LongAdder processedCount = new LongAdder();

    private long processedAtLastCheck;
    private @Nullable Instant lastProcessed;

    void countProtected() {
      protectedCount.increment();
    }

    void countProcessed() {
      processedCount.increment();
    }

    private synchronized void recordLastUse(Instant now) {
      long processed = processedCount.sum();
      if (processed != processedAtLastCheck) {
        processedAtLastCheck = processed;
        lastProcessed = now;
      }
    }

    private synchronized KeyUsage usage() {
      return new KeyUsage(protectedCount.sum(), processedCount.sum(), lastProcessed);
    }
  }
}
