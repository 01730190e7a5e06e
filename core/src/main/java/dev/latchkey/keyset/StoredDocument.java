package dev.latchkey.keyset;

import java.time.Instant;

/**
 * One version of a keyset document as the store holds it.
 *
 * @param content the document's text: opaque to the store, kept character by character
 * @param generation the store's version of it; the first is 1
 * @param createdAt when the store took this version, by the store's clock
 * @param readAt when the store gave this answer, by the store's clock
 * @param proved whether this is known to be the newest version as of then: what the node answered
 *     that takes the writes, or one that was shown to be level with it. A node that is cut off can
 *     give old versions for as long as that lasts. The answer to a write is always proved.
 * @since 0.1
 */
public record StoredDocument(
    String content, long generation, Instant createdAt, Instant readAt, boolean proved) {

  @Override
  public String toString() {
    return "StoredDocument[generation=%d, createdAt=%s]".formatted(generation, createdAt);
  }
}
