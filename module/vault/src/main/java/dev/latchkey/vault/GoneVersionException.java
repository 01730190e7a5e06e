package dev.latchkey.vault;

import dev.latchkey.LatchkeyException;

/** The newest version of a path is deleted or destroyed. */
final class GoneVersionException extends LatchkeyException {

  GoneVersionException(String description, String action) {
    super(description, action);
  }
}
