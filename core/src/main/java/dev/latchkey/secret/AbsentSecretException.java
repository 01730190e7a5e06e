package dev.latchkey.secret;

import dev.latchkey.LatchkeyException;

/**
 * The source says with authority that a secret does not exist: nothing ever lay at its path, or
 * what lies there has no such field. The one case in which a fallback applies.
 *
 * @since 0.1
 */
public final class AbsentSecretException extends LatchkeyException {

  public AbsentSecretException(String description, String action) {
    super(description, action);
  }
}
