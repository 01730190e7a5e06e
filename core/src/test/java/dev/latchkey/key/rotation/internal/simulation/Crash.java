package dev.latchkey.key.rotation.internal.simulation;

/** The end of an instance in the middle of what it does: nothing catches it but the simulation. */
final class Crash extends RuntimeException {

  Crash() {
    super("killed", null, false, false);
  }
}
