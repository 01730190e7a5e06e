package dev.latchkey.architecture.violations.annotation;

import dev.latchkey.architecture.violations.autoconfigure.Wiring;

class AnnotationThatWires extends Wiring {

  static int last;
}
