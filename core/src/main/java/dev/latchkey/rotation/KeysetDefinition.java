package dev.latchkey.rotation;

import dev.latchkey.keyset.KeysetId;
import dev.latchkey.keyset.KeysetTemplate;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A keyset as the application wants it.
 *
 * @param id its owner and name
 * @param template what new keys are made by
 * @param policy how it rotates
 * @param createIfAbsent whether it may be made where the store says that it never was
 * @param maxStaleness the greatest age of a proved read that an instance may work with, before it
 *     says that it is stale; null if no other process uses the store
 * @since 0.1
 */
public record KeysetDefinition(
    KeysetId id,
    KeysetTemplate template,
    RotationPolicy policy,
    boolean createIfAbsent,
    @Nullable Duration maxStaleness) {}
