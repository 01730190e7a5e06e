package dev.latchkey.secret;

import dev.latchkey.LatchkeyException;

/**
 * The source says with authority that a secret does not exist: its path never had a value, or the
 * value has no such field. This is the only failure for which the fallback of a reference applies.
 *
 * @since 0.1
 */
public final class AbsentSecretException extends LatchkeyException {

  public AbsentSecretException(String description, String action) {
    super(description, action);
  }
}
