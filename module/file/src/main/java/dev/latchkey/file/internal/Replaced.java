package dev.latchkey.file.internal;

import java.time.Instant;

/**
 * What happened to the files that the store's file replaced.
 *
 * @param since start of the time that this covers
 * @param allOverwritten whether each was overwritten before it was removed
 */
record Replaced(Instant since, boolean allOverwritten) {

  Replaced with(boolean overwritten) {
    return new Replaced(since, allOverwritten && overwritten);
  }
}
