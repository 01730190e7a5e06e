package dev.latchkey;

/**
 * Signals that a check-and-set write failed because another write came first: the store is no
 * longer at the expected version. The caller reads again and decides again.
 *
 * @since 0.1
 */
public final class WriteConflictException extends LatchkeyException {

  public WriteConflictException(String location, long expectedVersion) {
    super(
        "%s is no longer at version %d".formatted(location, expectedVersion),
        "Read it again and retry.");
  }
}
