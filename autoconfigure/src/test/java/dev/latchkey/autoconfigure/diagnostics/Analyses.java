package dev.latchkey.autoconfigure.diagnostics;

import org.springframework.boot.diagnostics.FailureAnalysis;

/** Analyzes failures of startup for tests of other packages. */
public final class Analyses {

  private Analyses() {}

  public static FailureAnalysis of(Throwable failure) {
    return new LatchkeyFailureAnalyzer().analyze(failure);
  }
}
