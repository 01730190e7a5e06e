package dev.latchkey.key.rotation;

import dev.latchkey.key.KeyUsage;
import dev.latchkey.key.KeysetAccess;
import dev.latchkey.key.KeysetId;
import dev.latchkey.key.KeysetMetadata;
import dev.latchkey.key.KeysetTemplate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
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

  /**
   * The next step of a keyset.
   *
   * @param action what happens
   * @param key the id of the key that it concerns, or null
   * @param at when it is due, by the store's clock; null if it never is
   * @param blockedBy what prevents it, or null
   */
  public record NextStep(
      Action action, @Nullable Long key, @Nullable Instant at, @Nullable String blockedBy) {

    /** The steps that Latchkey takes automatically. */
    public enum Action {
      /** Make the spare the active key, and publish a new spare. */
      PROMOTE,
      /** Publish a spare. */
      ADD_SPARE,
      /** Replace times in the future, which a wrong clock has left, by the present. */
      CORRECT_TIMES,
      /** Stop a retired key from decrypting and verifying; can be undone. */
      DISABLE,
      /** Stop a retired key from doing anything until it is destroyed; can be undone. */
      SCHEDULE_DESTROY,
      /** Erase the bytes of a scheduled key; cannot be undone. */
      DESTROY,
      /** Nothing, until an operator requests it. */
      NONE
    }

    /** Whether it is due now. */
    public boolean isDue(Instant storeNow) {
      return action != Action.NONE && blockedBy == null && at != null && !storeNow.isBefore(at);
    }

    /** This step, prevented by something other than its time. */
    public NextStep blocked(String by) {
      return (action == Action.NONE || blockedBy != null)
          ? this
          : new NextStep(action, key, at, by);
    }
  }

  /**
   * How much older than the keys in the store the keys in use may be.
   *
   * @param state the assessment
   * @param lastProvedRead when a response of the store was last proved to be its newest, by the
   *     store's clock; null if none was since startup
   * @param age how long ago that was; counts from startup if no response was proved since then
   */
  public record Freshness(State state, @Nullable Instant lastProvedRead, Duration age) {

    /** From the best to the worst. */
    public enum State {
      /** The last answer is proved to be the store's newest. */
      PROVEN,
      /** The last answer may be outdated, for example from a node that is cut off. */
      UNPROVEN,
      /** No response was proved for longer than {@code latchkey.rotation.max-staleness}. */
      STALE
    }
  }

  /**
   * What the destruction of a key waits for.
   *
   * @param reason why it does not proceed
   * @param fix how to fix it
   * @param commands the commands for an operator, in order; empty if no command helps
   */
  public record OpenDestruction(String reason, String fix, List<String> commands) {

    public OpenDestruction {
      commands = List.copyOf(commands);
    }
  }
}
