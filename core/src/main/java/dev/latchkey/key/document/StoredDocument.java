package dev.latchkey.key.document;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One version of a keyset document as the store holds it.
 *
 * @param content the document's text: opaque to the store, kept character by character
 * @param generation the store's version of it; the first is 1
 * @param createdAt when the store took this version, by the store's clock
 * @param readAt when the store gave this answer, by the store's clock
 * @param provedAt as of when this is known to be the newest version, by the store's clock; null if
 *     it is not known: a node that is cut off can give old versions for as long as that lasts. The
 *     answer to a write is always proved, as of itself
 * @since 0.1
 */
public record StoredDocument(
    String content,
    long generation,
    Instant createdAt,
    Instant readAt,
    @Nullable Instant provedAt) {

  /**
   * A version that is known to be the newest as of the answer itself, or not at all.
   *
   * @param proved which of the two
   */
  public StoredDocument(
      String content, long generation, Instant createdAt, Instant readAt, boolean proved) {
    this(content, generation, createdAt, readAt, proved ? readAt : null);
  }

  /** Whether it is known as of when this was the newest version. */
  public boolean proved() {
    return provedAt != null;
  }

  @Override
  public String toString() {
    return "StoredDocument[generation=%d, createdAt=%s]".formatted(generation, createdAt);
  }
}
