package dev.latchkey.env.internal;

import dev.latchkey.LatchkeyException;

/** Thrown for lookups while Latchkey is disabled. */
final class LatchkeyDisabledException extends LatchkeyException {

  /**
   * @param override the name of a property that can supply the value instead
   */
  LatchkeyDisabledException(String override) {
    super(
        "Latchkey is disabled (latchkey.enabled=false)",
        "Enable it, or supply the value in the property that contains the reference, or in a"
            + " property named '%s'.".formatted(override));
  }
}
