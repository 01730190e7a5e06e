package dev.latchkey.key.document;

import dev.latchkey.LatchkeyException;
import java.util.List;

/**
 * Something that the application may not do itself: an operator has to, with the given commands.
 *
 * @since 0.1
 */
public final class OperatorNeededException extends LatchkeyException {

  private final List<String> commands;

  /**
   * @param what what is needed, and why
   * @param commands what an operator types, in this order
   */
  public OperatorNeededException(String what, List<String> commands) {
    super(what, "As an operator:\n  " + String.join("\n  ", commands));
    this.commands = List.copyOf(commands);
  }

  /** What an operator types, in this order. */
  public List<String> commands() {
    return commands;
  }
}
