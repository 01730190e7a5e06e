package dev.latchkey;

import org.jspecify.annotations.Nullable;

/**
 * The store gives no answer now: it is down, sealed, overloaded, slow or cut off. Nothing is known
 * about what it holds, so nothing may be created or replaced; what is held in memory stays in use.
 *
 * @since 0.1
 */
public final class StoreUnavailableException extends LatchkeyException {

  public StoreUnavailableException(String description, String action) {
    super(description, action);
  }

  public StoreUnavailableException(String description, String action, @Nullable Throwable cause) {
    super(description, action, cause);
  }
}
