package dev.latchkey.architecture.violations.state;

import java.util.ArrayList;
import java.util.List;

final class State {

  static final List<String> ALL = new ArrayList<>();

  static String last = "";

  private State() {}
}
