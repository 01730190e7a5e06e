package dev.latchkey.vault.internal.keyset;

import dev.latchkey.LatchkeyException;
import dev.latchkey.key.document.OperatorNeededException;
import java.util.ArrayList;
import java.util.List;

/** Takes steps in their order, as far as the server lets the application. */
final class OperatorSteps {

  private final String server;

  OperatorSteps(String server) {
    this.server = server;
  }

  /**
   * Takes those that are not done yet.
   *
   * @throws OperatorNeededException with the commands for all that are left, from the first denied
   *     one on
   */
  void take(List<? extends OperatorStep> steps) {
    List<OperatorStep> left = new ArrayList<>();
    for (OperatorStep step : steps) {
      if (step.isDone()) {
        continue;
      }
      if (left.isEmpty() && step.attempt()) {
        if (!step.isDone()) {
          throw new LatchkeyException(
              "%s says that it has done it, but does not show it: %s"
                  .formatted(server, step.what()),
              "Try again, and look into the server's log.");
        }
        continue;
      }
      left.add(step);
    }
    if (!left.isEmpty()) {
      throw new OperatorNeededException(
          String.join("; ", left.stream().map(OperatorStep::what).toList()),
          left.stream().map(OperatorStep::command).toList());
    }
  }
}
