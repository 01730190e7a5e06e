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
 * How a keyset stands.
 *
 * @param id the owner and name of the keyset
 * @param access what the application may do with the keyset
 * @param template the template that new keys are created from
 * @param policy how the keyset rotates
 * @param createIfAbsent whether the application creates the keyset if it never existed
 * @param generation the generation in use
 * @param metadata the keys of that generation
 * @param next what happens next, and what blocks it
 * @param freshness how far behind the store that may be
 * @param frozen whether the store holds what does not follow the keys in use: it was rolled back or
 *     replaced. Nothing is written until it follows again
 * @param problem why it is frozen, else why the last attempt to read or rotate failed; or null
 * @param counts what this instance did since it started
 * @param usage how often this instance used each key, by key id
 * @param activeKeyTotal how often all instances used the active key; empty if that is not known
 * @param openDestructions what the destruction of a key waits for, by key id, as far as this
 *     instance has tried to go on with it
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
   * What this instance did since it started.
   *
   * @param refreshes how often the store was asked and answered
   * @param failures how often it was asked in vain
   * @param rotations how often another key came into use, by whichever instance
   * @param failedRotations how often this instance tried that in vain, though it was due or asked
   *     for
   */
  public record Counts(long refreshes, long failures, long rotations, long failedRotations) {}
}
