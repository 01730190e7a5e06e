package dev.latchkey.secret;

import dev.latchkey.LatchkeyException;

/**
 * A secret was not confirmed by its store for longer than its maximum age, so it is not given any
 * more.
 *
 * @since 0.1
 */
public final class StaleSecretException extends LatchkeyException {

  public StaleSecretException(String description, String action) {
    super(description, action);
  }
}
