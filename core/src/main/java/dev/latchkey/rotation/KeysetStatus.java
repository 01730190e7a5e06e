package dev.latchkey.rotation;

import dev.latchkey.keyset.KeyUsage;
import dev.latchkey.keyset.KeysetSnapshot;
import java.util.Map;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * How a keyset stands.
 *
 * @param definition as the application wants it
 * @param snapshot what is in use
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
    KeysetDefinition definition,
    KeysetSnapshot snapshot,
    NextStep next,
    Freshness freshness,
    boolean frozen,
    @Nullable String problem,
    Counts counts,
    Map<Long, KeyUsage.Count> usage,
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
