package dev.latchkey.key.rotation.internal;

import dev.latchkey.key.document.internal.KeysetRepository;
import dev.latchkey.key.live.internal.UsageCounters;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** How often the keys of one keyset protected something, on this instance and on all instances. */
final class SharedUsage {

  /** What a crash may lose at most is this part of the usage limit. */
  private static final int SHARES_PER_LIMIT = 64;

  private final KeysetDefinition definition;
  private final KeysetRepository repository;
  private final UsageCounters counters;
  private volatile Known known = new Known(Map.of(), null);

  /**
   * @param counters counts on this instance
   */
  SharedUsage(KeysetDefinition definition, KeysetRepository repository, UsageCounters counters) {
    this.definition = definition;
    this.repository = repository;
    this.counters = counters;
  }

  UsageCounters counters() {
    return counters;
  }

  /**
   * Adds what was counted since the previous call to the counter of all instances, and reads their
   * totals. Writes nothing if nothing was counted.
   *
   * @throws dev.latchkey.LatchkeyException if the counter cannot be read or written
   */
  synchronized void share() {
    Known before = known;
    Map<Long, Long> more = new HashMap<>();
    counters
        .usage()
        .forEach(
            (id, usage) -> {
              long unshared = usage.protectedCount() - before.shared(id);
              if (unshared > 0) {
                more.put(id, unshared);
              }
            });
    Map<Long, Long> totals =
        repository.addUsage(definition.id(), more, definition.createIfAbsent()).orElse(null);
    Map<Long, Long> shared = new HashMap<>(before.shared());
    if (totals != null) {
      more.forEach((id, count) -> shared.merge(id, count, Long::sum));
    }
    known = new Known(shared, totals);
  }

  /** Whether so much was counted since the previous call that a crash must not lose it. */
  boolean isShareDue(long id) {
    Long limit = definition.policy().maxOperations();
    return limit != null
        && counters.protectedCount(id) - known.shared(id) >= Math.max(1, limit / SHARES_PER_LIMIT);
  }

  /** The uses of a key on all instances as far as known; at least those on this instance. */
  long atLeast(long id) {
    Known now = known;
    return counters.protectedCount(id) - now.shared(id) + now.total(id);
  }

  /** The same, or empty if the counter of all instances is not known. */
  OptionalLong total(long id) {
    return known.totals() != null ? OptionalLong.of(atLeast(id)) : OptionalLong.empty();
  }

  /**
   * What is known about all instances. Replaced as a whole, so that readers never wait for the
   * store.
   *
   * @param shared what this instance has added, by key id
   * @param totals what all instances have added, or null while unknown
   */
  private record Known(Map<Long, Long> shared, @Nullable Map<Long, Long> totals) {

    private long shared(long id) {
      return shared.getOrDefault(id, 0L);
    }

    private long total(long id) {
      return totals != null ? totals.getOrDefault(id, 0L) : 0;
    }
  }
}
