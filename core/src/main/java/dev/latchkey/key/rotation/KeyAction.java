package dev.latchkey.key.rotation;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/**
 * What an operator can request.
 *
 * @since 0.1
 */
public enum KeyAction {
  /** Promote the spare now. */
  ROTATE(false),
  /** Stop a retired key from decrypting and verifying; can be undone. */
  DISABLE(true),
  /** Allow a disabled key to decrypt and verify again. */
  ENABLE(true),
  /** Mark all keys, or one, as compromised, and replace them. */
  COMPROMISE(false),
  /** Stop a key from doing anything; it can be destroyed once the waiting time is over. */
  SCHEDULE_DESTROY(true),
  /** Cancel a scheduled destruction. */
  CANCEL_DESTROY(true),
  /** Erase the bytes of a scheduled key wherever they can be reached; cannot be undone. */
  DESTROY(true),
  /** After a restore of the store from backup, merge the keys in memory into the store. */
  RESTORE(false);

  private final boolean needsKey;

  KeyAction(boolean needsKey) {
    this.needsKey = needsKey;
  }

  /** Whether it requires the id of a key. */
  public boolean needsKey() {
    return needsKey;
  }

  /** Whether it accepts the id of a key. */
  public boolean takesKey() {
    return needsKey || this == COMPROMISE;
  }

  /** The name of the action, such as {@code schedule-destroy}. */
  public String text() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** The action with a name. */
  public static Optional<KeyAction> find(String text) {
    return Arrays.stream(values()).filter(action -> action.text().equals(text)).findFirst();
  }
}
