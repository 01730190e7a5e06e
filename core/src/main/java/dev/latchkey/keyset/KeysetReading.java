package dev.latchkey.keyset;

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

  /** Whether it is known as of when this was the newest generation. */
  public boolean proved() {
    return provedAt != null;
  }
}
