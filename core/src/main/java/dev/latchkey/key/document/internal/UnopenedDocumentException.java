package dev.latchkey.key.document.internal;

import dev.latchkey.LatchkeyException;

/**
 * A document exists but does not open: its key-encryption key is another one, or lacks the version
 * that wrapped it, or the document was changed or moved.
 */
public final class UnopenedDocumentException extends LatchkeyException {

  UnopenedDocumentException(String description, String action, Throwable cause) {
    super(description, action, cause);
  }
}
