package dev.latchkey.key.document.internal;

import dev.latchkey.key.document.StoredDocument;
import dev.latchkey.key.internal.KeysetSnapshot;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What a store answered when it was asked for a keyset.
 *
 * @param snapshot the newest generation
 * @param readAt when the store answered, by the store's clock
 * @param provedAt as of when the store is known to have held nothing newer, by its clock; null if
 *     it is not known
 * @since 0.1
 */
public record KeysetReading(KeysetSnapshot snapshot, Instant readAt, @Nullable Instant provedAt) {

  /** Whether a stored document is the one that a snapshot was read from. */
  static boolean isAt(StoredDocument stored, KeysetSnapshot snapshot) {
    return snapshot.generation() == stored.generation()
        && snapshot.createdAt().equals(stored.createdAt());
  }

  /** Whether it is known as of when this was the newest generation. */
  public boolean proved() {
    return provedAt != null;
  }
}
