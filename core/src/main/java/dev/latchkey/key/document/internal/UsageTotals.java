package dev.latchkey.key.document.internal;

import dev.latchkey.LatchkeyException;
import dev.latchkey.WriteConflictException;
import dev.latchkey.key.KeysetId;
import dev.latchkey.key.document.KeysetStore;
import dev.latchkey.key.document.StoredDocument;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * How often each key protected something, added up over all instances. Stored in plaintext, in a
 * document next to that of the keyset: anyone who changes it can only advance or delay a rotation.
 */
public final class UsageTotals {

  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  /** How often a write is tried if other instances write at the same time. */
  private static final int ATTEMPTS = 10;

  private final KeysetStore counters;

  /**
   * @param counters where the counters are stored, each by the id of its keyset
   */
  public UsageTotals(KeysetStore counters) {
    this.counters = counters;
  }

  /**
   * Adds what one instance counted.
   *
   * @param more by key id
   * @param createIfAbsent whether to create a missing counter
   * @return the totals by key id; empty if there is no counter and it may not be created
   * @throws LatchkeyException if the counter cannot be read or written; after a {@link
   *     dev.latchkey.StoreUnavailableException} it may have been added or not
   */
  public Optional<Map<Long, Long>> add(
      KeysetId keyset, Map<Long, Long> more, boolean createIfAbsent) {
    for (int attempt = 1; ; attempt++) {
      Optional<StoredDocument> stored = counters.load(keyset);
      if (stored.isEmpty() && !createIfAbsent) {
        return Optional.empty();
      }
      Map<Long, Long> totals = stored.map(it -> parse(keyset, it)).orElseGet(TreeMap::new);
      if (more.isEmpty() && stored.isPresent()) {
        return Optional.of(totals);
      }
      more.forEach((id, count) -> totals.merge(id, count, Long::sum));
      try {
        counters.save(
            keyset,
            JSON.writeValueAsString(new Content(1, totals)),
            stored.map(StoredDocument::generation).orElse(0L));
        return Optional.of(totals);
      } catch (WriteConflictException ex) {
        if (attempt == ATTEMPTS) {
          throw ex;
        }
      }
    }
  }

  private Map<Long, Long> parse(KeysetId keyset, StoredDocument stored) {
    try {
      Content content = JSON.readValue(stored.content(), Content.class);
      if (content.format() == 1) {
        return new TreeMap<>(content.protectedCounts());
      }
    } catch (JacksonException ex) {
      // reported below
    }
    throw new LatchkeyException(
        "%s is not a usage counter that this version of Latchkey can read"
            .formatted(counters.location(keyset)),
        "Remove it to start counting again; nothing is overwritten.");
  }

  /**
   * The content of the document.
   *
   * @param protectedCounts by key id
   */
  private record Content(int format, Map<Long, Long> protectedCounts) {

    private Content {
      protectedCounts = Collections.unmodifiableMap(new TreeMap<>(protectedCounts));
    }
  }
}
