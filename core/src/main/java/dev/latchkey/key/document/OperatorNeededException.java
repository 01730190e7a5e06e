package dev.latchkey.key.document;

import dev.latchkey.LatchkeyException;
import java.util.List;

/**
 * The application lacks a permission: an operator must run the given commands.
 *
 * @since 0.1
 */
public final class OperatorNeededException extends LatchkeyException {

  private final List<String> commands;

  /**
   * @param what what is needed, and why
   * @param commands the commands for an operator, in order
   */
  public OperatorNeededException(String what, List<String> commands) {
    super(what, "As an operator:\n  " + String.join("\n  ", commands));
    this.commands = List.copyOf(commands);
  }

  /** The commands for an operator, in order. */
  public List<String> commands() {
    return commands;
  }
}
