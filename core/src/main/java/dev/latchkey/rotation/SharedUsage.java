package dev.latchkey.rotation;

import dev.latchkey.keyset.KeyUsage;
import dev.latchkey.keyset.KeysetRepository;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** How often the keys of one keyset protected something, here and on all instances. */
final class SharedUsage {

  private final KeysetDefinition definition;
  private final KeysetRepository repository;
  private final KeyUsage counted;
  private final Map<Long, Long> shared = new HashMap<>();
  private @Nullable Map<Long, Long> totals;

  SharedUsage(KeysetDefinition definition, KeysetRepository repository, KeyUsage counted) {
    this.definition = definition;
    this.repository = repository;
    this.counted = counted;
  }

  /**
   * Adds what was counted since the last time; asks nothing of the store where that is nothing.
   *
   * @throws dev.latchkey.LatchkeyException if the counter cannot be read or written
   */
  synchronized void share() {
    Map<Long, Long> more = new HashMap<>();
    counted
        .counts()
        .forEach(
            (id, count) -> {
              long unshared = count.protectedCount() - shared.getOrDefault(id, 0L);
              if (unshared > 0) {
                more.put(id, unshared);
              }
            });
    if (more.isEmpty() && totals != null) {
      return;
    }
    totals = repository.addUsage(definition.id(), more, definition.createIfAbsent()).orElse(null);
    if (totals != null) {
      more.forEach((id, count) -> shared.merge(id, count, Long::sum));
    }
  }

  /** The uses of a key on all instances, as far as they are known here; at least those here. */
  synchronized long atLeast(long id) {
    KeyUsage.Count here = counted.counts().getOrDefault(id, KeyUsage.Count.ZERO);
    long unshared = here.protectedCount() - shared.getOrDefault(id, 0L);
    return unshared + (totals != null ? totals.getOrDefault(id, 0L) : 0);
  }

  /** The same, or empty where the counter of all instances is not known. */
  synchronized OptionalLong total(long id) {
    return totals != null ? OptionalLong.of(atLeast(id)) : OptionalLong.empty();
  }
}
