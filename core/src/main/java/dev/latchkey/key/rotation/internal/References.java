package dev.latchkey.key.rotation.internal;

import dev.latchkey.key.KeysetId;
import dev.latchkey.key.rotation.KeyReferences;
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

/** Counts the references to the keys of one keyset, and remembers the keys that have some. */
final class References {

  private static final Logger logger = LoggerFactory.getLogger(References.class);

  /** A count that takes longer is logged, since it delays the refresh of all keysets. */
  private static final Duration SLOW = Duration.ofSeconds(10);

  /** How long a count stays valid. */
  private static final Duration VALID = Duration.ofMinutes(10);

  private final KeysetId keyset;
  private final Clock clock;
  private final List<KeyReferences> sources = new CopyOnWriteArrayList<>();
  private final Map<Long, Instant> found = new ConcurrentHashMap<>();

  References(KeysetId keyset, Clock clock) {
    this.keyset = keyset;
    this.clock = clock;
  }

  void add(KeyReferences source) {
    sources.add(source);
  }

  /** Whether anything counts, so that a count of 0 is evidence. */
  boolean areCounted() {
    return !sources.isEmpty();
  }

  /** Counts what is still encrypted with a key: the first source that finds something, in words. */
  Optional<String> to(long key) {
    Optional<String> first =
        sources.stream().flatMap(source -> to(key, source).stream()).findFirst();
    if (first.isPresent()) {
      found.put(key, clock.instant());
    } else {
      found.remove(key);
    }
    return first;
  }

  private Optional<String> to(long key, KeyReferences source) {
    Instant start = clock.instant();
    try {
      long count = source.count(keyset, key);
      return count == 0
          ? Optional.empty()
          : Optional.of(
              "%d %s are still encrypted with key %d".formatted(count, source.what(), key));
    } catch (RuntimeException ex) {
      return Optional.of(
          "%s cannot be counted, so that some may still be encrypted with key %d"
              .formatted(source.what(), key));
    } finally {
      Duration taken = Duration.between(start, clock.instant());
      if (taken.compareTo(SLOW) > 0) {
        logger.warn(
            "Keyset {}: counting {} encrypted with key {} took {} and delayed the refresh of all"
                + " keysets. Add an index, or return a count that a job of your own determined",
            keyset.name(),
            source.what(),
            key,
            taken);
      }
    }
  }

  /** The keys to which references were found recently. */
  Set<Long> found() {
    Instant now = clock.instant();
    return found.entrySet().stream()
        .filter(each -> now.isBefore(each.getValue().plus(VALID)))
        .map(Map.Entry::getKey)
        .collect(Collectors.toUnmodifiableSet());
  }
}
