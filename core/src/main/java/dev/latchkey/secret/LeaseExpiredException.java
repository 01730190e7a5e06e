package dev.latchkey.secret;

import dev.latchkey.LatchkeyException;

/**
 * The store no longer knows a lease, or does not renew it: what came with it is no longer valid, or
 * soon.
 *
 * @since 0.1
 */
public final class LeaseExpiredException extends LatchkeyException {

  public LeaseExpiredException(String description, String action) {
    super(description, action);
  }
}
