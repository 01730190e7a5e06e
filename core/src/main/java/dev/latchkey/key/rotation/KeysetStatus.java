package dev.latchkey.key.rotation;

import dev.latchkey.key.KeyUsage;
import dev.latchkey.key.KeysetAccess;
import dev.latchkey.key.KeysetId;
import dev.latchkey.key.KeysetMetadata;
import dev.latchkey.key.KeysetTemplate;
import java.util.Map;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * The status of a keyset. Holds no key material.
 *
 * @param id the owner and name of the keyset
 * @param access what the application may do with the keyset
 * @param template the template that new keys are created from
 * @param policy how the keyset rotates
 * @param createIfAbsent whether the application creates the keyset if it never existed
 * @param generation the generation in use
 * @param metadata the keys of that generation
 * @param next the next step, and what blocks it
 * @param freshness how far the keys in use may lag behind the store
 * @param frozen whether the store was rolled back or replaced, so that it no longer follows the
 *     keys in use. Nothing is written until it does
 * @param problem why it is frozen, or why the last attempt to read or rotate failed; or null
 * @param counts what this instance has done since it started
 * @param usage how often this instance used each key, by key id
 * @param activeKeyTotal how often all instances used the active key; empty if unknown
 * @param openDestructions what the destruction of a key waits for, by key id, as far as this
 *     instance has tried
 * @since 0.1
 */
public record KeysetStatus(
    KeysetId id,
    KeysetAccess access,
    KeysetTemplate template,
    RotationPolicy policy,
    boolean createIfAbsent,
    long generation,
    KeysetMetadata metadata,
    NextStep next,
    Freshness freshness,
    boolean frozen,
    @Nullable String problem,
    Counts counts,
    Map<Long, KeyUsage> usage,
    OptionalLong activeKeyTotal,
    Map<Long, OpenDestruction> openDestructions) {

  /**
   * What this instance has done since it started.
   *
   * @param refreshes the number of successful refreshes
   * @param failures the number of failed refreshes
   * @param rotations how often another key became active, whichever instance promoted it
   * @param failedRotations how often this instance failed to promote a key
   */
  public record Counts(long refreshes, long failures, long rotations, long failedRotations) {}
}
