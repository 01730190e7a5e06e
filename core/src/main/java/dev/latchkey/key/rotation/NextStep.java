package dev.latchkey.key.rotation;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What happens to a keyset next.
 *
 * @param action what
 * @param key the id of the key that it concerns, or null
 * @param at when it is due, by the store's clock; null if never by itself
 * @param blockedBy what keeps it from happening, or null
 * @since 0.1
 */
public record NextStep(
    Action action, @Nullable Long key, @Nullable Instant at, @Nullable String blockedBy) {

  /** The steps that a rotator takes by itself. */
  public enum Action {
    /** Make the spare the active key, and publish a new spare. */
    PROMOTE,
    /** Publish a spare. */
    ADD_SPARE,
    /** Let a retired key decrypt and verify no more; can be undone. */
    DISABLE,
    /** Let a retired key do nothing more, and wait for its destruction; can be undone. */
    SCHEDULE_DESTROY,
    /** Erase a scheduled key's bytes; cannot be undone. */
    DESTROY,
    /** Nothing, until somebody asks for it. */
    NONE
  }

  /** Whether it is to be performed now. */
  public boolean isDue(Instant storeNow) {
    return action != Action.NONE && blockedBy == null && at != null && !storeNow.isBefore(at);
  }

  /** This step, kept from happening by something else than its time. */
  public NextStep blocked(String by) {
    return (action == Action.NONE || blockedBy != null) ? this : new NextStep(action, key, at, by);
  }
}
