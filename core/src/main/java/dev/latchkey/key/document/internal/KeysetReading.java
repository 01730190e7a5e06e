package dev.latchkey.key.document.internal;

import dev.latchkey.key.document.StoredDocument;
import dev.latchkey.key.internal.KeysetSnapshot;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The response of a store to a read of a keyset.
 *
 * @param snapshot the newest generation
 * @param readAt when the store answered, by the store's clock
 * @param provedAt as of when the store is proved to have held nothing newer, by its clock; null if
 *     it is not proved
 */
public record KeysetReading(KeysetSnapshot snapshot, Instant readAt, @Nullable Instant provedAt) {

  /** Whether a stored document is the one that a snapshot was read from. */
  static boolean isAt(StoredDocument stored, KeysetSnapshot snapshot) {
    return snapshot.generation() == stored.generation()
        && snapshot.createdAt().equals(stored.createdAt());
  }

  /** Whether this is proved to be the newest generation. */
  public boolean proved() {
    return provedAt != null;
  }
}
