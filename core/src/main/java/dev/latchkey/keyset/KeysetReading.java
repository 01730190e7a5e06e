package dev.latchkey.keyset;

import java.time.Instant;

/**
 * What a store answered when it was asked for a keyset.
 *
 * @param snapshot the newest generation
 * @param readAt when the store answered, by the store's clock
 * @param proved whether the store is known to hold nothing newer as of then
 * @since 0.1
 */
public record KeysetReading(KeysetSnapshot snapshot, Instant readAt, boolean proved) {}
