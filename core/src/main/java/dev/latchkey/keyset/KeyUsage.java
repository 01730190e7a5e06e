package dev.latchkey.keyset;

import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * How often this instance used each key of a keyset. Counting takes no lock and allocates nothing;
 * it reads no clock either, so that a last use is known only to the time between two looks at it.
 *
 * @since 0.1
 */
public final class KeyUsage {

  private final Map<Long, Counter> counters = new ConcurrentHashMap<>();

  KeyUsage() {}

  Counter counter(long keyId) {
    return counters.computeIfAbsent(keyId, id -> new Counter());
  }

  /** Looks which keys were used since the last look, and takes {@code now} as their last use. */
  public void look(Instant now) {
    counters.values().forEach(counter -> counter.look(now));
  }

  /** How often a key encrypted, computed or signed since the start. */
  public long protectedCount(long keyId) {
    Counter counter = counters.get(keyId);
    return counter != null ? counter.protectedCount.sum() : 0;
  }

  /** What was counted since the start, by key id. */
  public Map<Long, Count> counts() {
    Map<Long, Count> counts = new TreeMap<>();
    counters.forEach((id, counter) -> counts.put(id, counter.count()));
    return counts;
  }

  /**
   * How often one key was used by this instance.
   *
   * @param protectedCount how often it encrypted, computed or signed
   * @param processedCount how often it decrypted or verified with success
   * @param lastProcessed when it last did, to the time between two looks; null if it never did
   */
  public record Count(long protectedCount, long processedCount, @Nullable Instant lastProcessed) {

    /** A key that was not used. */
    public static final Count ZERO = new Count(0, 0, null);
  }

  /** The counter of one key, kept over all generations that hold it. */
  static final class Counter {

    private final LongAdder protectedCount = new LongAdder();
    private final LongAdder processedCount = new LongAdder();
    private long processedAtLastLook;
    private @Nullable Instant lastProcessed;

    void countProtected() {
      protectedCount.increment();
    }

    void countProcessed() {
      processedCount.increment();
    }

    private synchronized void look(Instant now) {
      long processed = processedCount.sum();
      if (processed != processedAtLastLook) {
        processedAtLastLook = processed;
        lastProcessed = now;
      }
    }

    private synchronized Count count() {
      return new Count(protectedCount.sum(), processedCount.sum(), lastProcessed);
    }
  }
}
