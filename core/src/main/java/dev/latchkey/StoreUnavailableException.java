package dev.latchkey;

import org.jspecify.annotations.Nullable;

/**
 * Signals that the store is unavailable: down, sealed, overloaded, too slow or not reachable. Its
 * contents are unknown, so nothing may be created or replaced. What is in memory stays in use.
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
