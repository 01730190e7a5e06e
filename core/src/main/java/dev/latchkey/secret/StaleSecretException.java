package dev.latchkey.secret;

import dev.latchkey.LatchkeyException;

/**
 * A secret is stale: its store has not confirmed it for longer than its maximum age, and Latchkey
 * refuses to serve it.
 *
 * @since 0.1
 */
public final class StaleSecretException extends LatchkeyException {

  public StaleSecretException(String description, String action) {
    super(description, action);
  }
}
