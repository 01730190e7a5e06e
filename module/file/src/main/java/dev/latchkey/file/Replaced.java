package dev.latchkey.file;

import java.time.Instant;

/**
 * What became of the files that the store's file took the place of.
 *
 * @param since from when on that is known
 * @param allOverwritten whether each was overwritten before it was removed
 */
record Replaced(Instant since, boolean allOverwritten) {

  Replaced with(boolean overwritten) {
    return new Replaced(since, allOverwritten && overwritten);
  }
}
