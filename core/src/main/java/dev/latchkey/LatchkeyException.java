package dev.latchkey;

import org.jspecify.annotations.Nullable;

/**
 * An error that a user can act on: what happened and where ({@link #getMessage()}), and how to fix
 * it ({@link #action()}). Neither text ever holds a secret, a token or key bytes.
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

  /** How to fix it, as one or more sentences or the commands to run. */
  public final String action() {
    return action;
  }

  /** Holds the fix as well, for stack traces: not everything that fails has a failure analysis. */
  @Override
  public String toString() {
    return super.toString() + ". " + action;
  }
}
