package dev.latchkey;

/**
 * A check-and-set write lost: the store holds another version than the one that the write was based
 * on. The loser reads again and decides again.
 *
 * @since 0.1
 */
public final class WriteConflictException extends LatchkeyException {

  public WriteConflictException(String location, long expectedVersion) {
    super(
        "%s no longer stands at version %d".formatted(location, expectedVersion),
        "Read it again and decide again.");
  }
}
