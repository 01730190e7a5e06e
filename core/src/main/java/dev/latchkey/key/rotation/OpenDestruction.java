package dev.latchkey.key.rotation;

import java.util.List;

/**
 * What the destruction of a key waits for.
 *
 * @param reason why it does not go on
 * @param fix how to help it
 * @param commands what an operator types, in this order; empty if that does not help
 * @since 0.1
 */
public record OpenDestruction(String reason, String fix, List<String> commands) {

  public OpenDestruction {
    commands = List.copyOf(commands);
  }
}
