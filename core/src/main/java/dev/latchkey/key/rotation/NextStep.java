package dev.latchkey.key.rotation;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The next step of a keyset.
 *
 * @param action what happens
 * @param key the id of the key that it concerns, or null
 * @param at when it is due, by the store's clock; null if it never is by itself
 * @param blockedBy what prevents it, or null
 * @since 0.1
 */
public record NextStep(
    Action action, @Nullable Long key, @Nullable Instant at, @Nullable String blockedBy) {

  /** The steps that Latchkey takes by itself. */
  public enum Action {
    /** Make the spare the active key, and publish a new spare. */
    PROMOTE,
    /** Publish a spare. */
    ADD_SPARE,
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
    return (action == Action.NONE || blockedBy != null) ? this : new NextStep(action, key, at, by);
  }
}
