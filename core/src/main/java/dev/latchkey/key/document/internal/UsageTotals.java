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
 * How often each key protected something, added up over all instances. It lies in a document of its
 * own beside the keyset's, in the clear: whoever changes it can bring a rotation forward or put it
 * off, and nothing else.
 *
 * @since 0.1
 */
public final class UsageTotals {

  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  /** How often a lost check-and-set is followed by another try. */
  private static final int ATTEMPTS = 10;

  private final KeysetStore counters;

  /**
   * @param counters where the counters lie, each under its keyset's id
   */
  public UsageTotals(KeysetStore counters) {
    this.counters = counters;
  }

  /**
   * Adds what one instance counted.
   *
   * @param more by key id
   * @param createIfAbsent whether the counter may be made where there is none
   * @return the totals by key id; empty where there is no counter and none may be made
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
      // told below
    }
    throw new LatchkeyException(
        "%s holds no usage counter that this version of Latchkey can read"
            .formatted(counters.location(keyset)),
        "Remove it, and counting starts anew; nothing is overwritten.");
  }

  /**
   * The counter's content.
   *
   * @param protectedCounts by key id
   */
  private record Content(int format, Map<Long, Long> protectedCounts) {

    private Content {
      protectedCounts = Collections.unmodifiableMap(new TreeMap<>(protectedCounts));
    }
  }
}
