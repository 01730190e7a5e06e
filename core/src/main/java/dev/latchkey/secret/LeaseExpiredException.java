package dev.latchkey.secret;

import dev.latchkey.LatchkeyException;

/**
 * A lease no longer exists, or its store does not renew it: the credentials that came with it are
 * no longer valid, or won't be for long.
 *
 * @since 0.1
 */
public final class LeaseExpiredException extends LatchkeyException {

  public LeaseExpiredException(String description, String action) {
    super(description, action);
  }
}
