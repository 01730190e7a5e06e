package dev.latchkey.env.internal;

import dev.latchkey.LatchkeyException;

/** Nothing is looked up, since the application's settings say so. */
final class SwitchedOffException extends LatchkeyException {

  /**
   * @param override a name by which the value can be given instead
   */
  SwitchedOffException(String override) {
    super(
        "Latchkey is switched off by latchkey.enabled=false",
        "Switch it on, or give the value yourself: as the property that refers to it, or as one"
            + " named '%s'.".formatted(override));
  }
}
