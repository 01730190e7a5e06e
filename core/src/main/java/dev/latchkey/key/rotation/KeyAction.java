package dev.latchkey.key.rotation;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/**
 * What a person may ask for.
 *
 * @since 0.1
 */
public enum KeyAction {
  /** Promote the spare now. */
  ROTATE(false),
  /** Stop a retired key from decrypting and verifying; can be undone. */
  DISABLE(true),
  /** Let a disabled key decrypt and verify again. */
  ENABLE(true),
  /** Mark all keys, or one, as known to others, and replace them. */
  COMPROMISE(false),
  /** Stop a key from doing anything, and let it be destroyed when the waiting time is over. */
  SCHEDULE_DESTROY(true),
  /** Take that back. */
  CANCEL_DESTROY(true),
  /** Erase a scheduled key's bytes wherever they can be reached; cannot be undone. */
  DESTROY(true),
  /** Write what this instance holds into a store that went back, together with what that holds. */
  RESTORE(false);

  private final boolean needsKey;

  KeyAction(boolean needsKey) {
    this.needsKey = needsKey;
  }

  /** Whether it concerns one key that must be named. */
  public boolean needsKey() {
    return needsKey;
  }

  /** Whether it may concern one key. */
  public boolean takesKey() {
    return needsKey || this == COMPROMISE;
  }

  /** The name that users write, such as {@code schedule-destroy}. */
  public String text() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** The action that users call by this name. */
  public static Optional<KeyAction> find(String text) {
    return Arrays.stream(values()).filter(action -> action.text().equals(text)).findFirst();
  }
}
