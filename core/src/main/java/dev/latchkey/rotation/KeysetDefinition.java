package dev.latchkey.rotation;

import dev.latchkey.keyset.KeysetId;
import dev.latchkey.keyset.KeysetTemplate;

/**
 * A keyset as the application wants it.
 *
 * @param id its owner and name
 * @param template what new keys are made by
 * @param policy how it rotates
 * @param createIfAbsent whether it may be made where the store says that it never was
 * @since 0.1
 */
public record KeysetDefinition(
    KeysetId id, KeysetTemplate template, RotationPolicy policy, boolean createIfAbsent) {}
