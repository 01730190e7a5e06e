package dev.latchkey.vault.internal.kv;

import dev.latchkey.LatchkeyException;

/** The newest version of a path is deleted or destroyed. */
public final class GoneVersionException extends LatchkeyException {

  public GoneVersionException(String description, String action) {
    super(description, action);
  }
}
