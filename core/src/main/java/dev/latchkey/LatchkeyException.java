package dev.latchkey;

import org.jspecify.annotations.Nullable;

/**
 * An error that a user can act on: what happened and where ({@link #getMessage()}), and how to fix
 * it ({@link #action()}). Neither text ever contains a secret, a token or key bytes.
 *
 * @since 0.1
 */
public class LatchkeyException extends RuntimeException {

  private final String action;

  public LatchkeyException(String description, String action) {
    this(description, action, null);
  }

  public LatchkeyException(String description, String action, @Nullable Throwable cause) {
    super(description, cause);
    this.action = action;
  }

  /** How to fix it: sentences or commands to run. */
  public final String action() {
    return action;
  }

  /** Includes the fix, for stack traces of failures that no failure analyzer shows. */
  @Override
  public String toString() {
    return super.toString() + ". " + action;
  }
}
