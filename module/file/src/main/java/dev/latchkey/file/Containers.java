package dev.latchkey.file;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/** Detects whether a process runs in a container. */
final class Containers {

  private static final List<Path> MARKS =
      List.of(Path.of("/.dockerenv"), Path.of("/run/.containerenv"));

  private static final List<String> VARIABLES = List.of("KUBERNETES_SERVICE_HOST", "container");

  private Containers() {}

  static boolean surround(Map<String, String> variables, Predicate<Path> exists) {
    return MARKS.stream().anyMatch(exists) || VARIABLES.stream().anyMatch(variables::containsKey);
  }
}
