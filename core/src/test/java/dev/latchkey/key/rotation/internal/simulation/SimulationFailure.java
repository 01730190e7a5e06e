package dev.latchkey.key.rotation.internal.simulation;

import java.util.List;

/** Something that must not happen did, in a simulation that can be run again. */
final class SimulationFailure extends AssertionError {

  private static final long serialVersionUID = 1;

  SimulationFailure(String what, String command, List<String> before) {
    super(
        "%s%nRun it again: %s%nWhat happened before:%n  %s"
            .formatted(what, command, String.join(System.lineSeparator() + "  ", before)));
  }
}
