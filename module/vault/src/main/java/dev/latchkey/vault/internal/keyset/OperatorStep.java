package dev.latchkey.vault.internal.keyset;

/** Something on the server that an operator may do, and the application perhaps not. */
interface OperatorStep {

  /** Whether the server shows that it is done. */
  boolean isDone();

  /** Does it; false if the server denies it. */
  boolean attempt();

  /** What an operator types instead. */
  String command();

  /** What is needed, for a message. */
  String what();

  /** Makes a line for a shell of a command and its arguments. */
  @FunctionalInterface
  interface Shell {
    String command(String verb, String rest);
  }
}
