package dev.latchkey.key.rotation;

import dev.latchkey.LatchkeyException;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A requested step is not allowed, or not yet. Nothing was changed.
 *
 * @since 0.1
 */
public final class RotationRefusedException extends LatchkeyException {

  private final @Nullable Instant allowedFrom;

  public RotationRefusedException(
      String description, String action, @Nullable Instant allowedFrom) {
    super(description, action);
    this.allowedFrom = allowedFrom;
  }

  /** When it will be allowed, by the store's clock; null if waiting does not help. */
  public @Nullable Instant allowedFrom() {
    return allowedFrom;
  }
}
