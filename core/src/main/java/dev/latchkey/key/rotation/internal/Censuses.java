package dev.latchkey.key.rotation.internal;

import dev.latchkey.key.KeysetId;
import dev.latchkey.key.rotation.KeyCensus;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** All who count what is under the keys of one keyset, and what they said last. */
final class Censuses {

  private static final Logger logger = LoggerFactory.getLogger(Censuses.class);

  /** From when on it is told that a census holds up the refresh of all keysets. */
  private static final Duration SLOW = Duration.ofSeconds(10);

  /** How long an answer counts. */
  private static final Duration INTERVAL = Duration.ofMinutes(10);

  private final KeysetId keyset;
  private final Clock clock;
  private final List<KeyCensus> censuses = new CopyOnWriteArrayList<>();
  private final Map<Long, Instant> needed = new ConcurrentHashMap<>();

  Censuses(KeysetId keyset, Clock clock) {
    this.keyset = keyset;
    this.clock = clock;
  }

  void add(KeyCensus census) {
    censuses.add(census);
  }

  /** Asks whether something is still under a key. */
  Optional<String> under(long key) {
    Optional<String> found =
        censuses.stream().flatMap(census -> under(census, key).stream()).findFirst();
    if (found.isPresent()) {
      needed.put(key, clock.instant());
    } else {
      needed.remove(key);
    }
    return found;
  }

  private Optional<String> under(KeyCensus census, long key) {
    Instant start = clock.instant();
    try {
      long count = census.count(keyset, key);
      return count == 0
          ? Optional.empty()
          : Optional.of("%d %s are still under key %d".formatted(count, census.what(), key));
    } catch (RuntimeException ex) {
      return Optional.of(
          "the census of %s cannot tell whether any are still under key %d"
              .formatted(census.what(), key));
    } finally {
      Duration taken = Duration.between(start, clock.instant());
      if (taken.compareTo(SLOW) > 0) {
        logger.warn(
            "The census of {} took {} to count what is under key {} of keyset {}; meanwhile no keyset"
                + " was refreshed. Give what it counts by an index, or let it tell what a job of its"
                + " own counted before",
            census.what(),
            taken,
            key,
            keyset);
      }
    }
  }

  /** The keys under which there was something a short while ago. */
  Set<Long> needed() {
    Instant now = clock.instant();
    return needed.entrySet().stream()
        .filter(asked -> now.isBefore(asked.getValue().plus(INTERVAL)))
        .map(Map.Entry::getKey)
        .collect(Collectors.toUnmodifiableSet());
  }
}
