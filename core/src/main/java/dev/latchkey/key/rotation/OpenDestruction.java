package dev.latchkey.key.rotation;

import java.util.List;

/**
 * What the destruction of a key waits for.
 *
 * @param reason why it does not proceed
 * @param fix how to fix it
 * @param commands the commands for an operator, in order; empty if no command helps
 * @since 0.1
 */
public record OpenDestruction(String reason, String fix, List<String> commands) {

  public OpenDestruction {
    commands = List.copyOf(commands);
  }
}
