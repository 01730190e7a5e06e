package dev.latchkey.key.document;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One version of a keyset document in a store.
 *
 * @param content the document's text: opaque to the store, kept character by character
 * @param generation the store's version of the document; the first is 1
 * @param createdAt when the store accepted this version, by the store's clock
 * @param readAt when the store answered, by the store's clock
 * @param provedAt as of when this is proved to be the newest version, by the store's clock; null if
 *     it is not proved, since a node that is cut off can return old versions. The answer to a write
 *     is always proved
 * @since 0.1
 */
public record StoredDocument(
    String content,
    long generation,
    Instant createdAt,
    Instant readAt,
    @Nullable Instant provedAt) {

  private static final Duration SMALL = Duration.ofHours(1);

  /**
   * A version that is proved to be the newest as of the response, or not proved.
   *
   * @param proved whether it is proved
   */
  public StoredDocument(
      String content, long generation, Instant createdAt, Instant readAt, boolean proved) {
    this(content, generation, createdAt, readAt, proved ? readAt : null);
  }

  /**
   * The time of a response, for a store whose clock is less precise than its creation times, or is
   * set back a little: not before the creation of what is read. A creation time further in the
   * future was left by a wrong clock, and does not stop the time.
   *
   * @param now the store's clock
   * @param createdAt when what is read was created
   */
  public static Instant notBefore(Instant now, Instant createdAt) {
    return now.isBefore(createdAt) && !now.plus(SMALL).isBefore(createdAt) ? createdAt : now;
  }

  /** Whether this is proved to be the newest version. */
  public boolean proved() {
    return provedAt != null;
  }

  @Override
  public String toString() {
    return "StoredDocument[generation=%d, createdAt=%s]".formatted(generation, createdAt);
  }
}
