package dev.latchkey.vault.internal.keyset;

import dev.latchkey.LatchkeyException;
import dev.latchkey.key.document.OperatorNeededException;
import java.util.ArrayList;
import java.util.List;

/** A change in Vault that an operator may make, and possibly the application too. */
interface OperatorStep {

  /** Whether Vault shows that the step is done. */
  boolean isDone();

  /** Performs the step; false if permission is denied. */
  boolean attempt();

  /** The command for an operator. */
  String command();

  /** What is required, for messages. */
  String requirement();

  /**
   * Performs the steps that are not done yet, in order.
   *
   * @param server the server, for messages
   * @throws OperatorNeededException with the commands for the first denied step and all later ones
   */
  static void performAll(List<? extends OperatorStep> steps, Object server) {
    List<OperatorStep> left = new ArrayList<>();
    for (OperatorStep step : steps) {
      if (step.isDone()) {
        continue;
      }
      if (!left.isEmpty() || !step.attempt()) {
        left.add(step);
      } else if (!step.isDone()) {
        throw new LatchkeyException(
            "%s reported success without effect: %s".formatted(server, step.requirement()),
            "Try again, and check the server's log.");
      }
    }
    if (!left.isEmpty()) {
      throw new OperatorNeededException(
          String.join("; ", left.stream().map(OperatorStep::requirement).toList()),
          left.stream().map(OperatorStep::command).toList());
    }
  }
}
