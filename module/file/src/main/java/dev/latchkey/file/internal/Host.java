package dev.latchkey.file.internal;

import java.nio.file.Path;
import java.util.Map;

/**
 * The process that an embedded store runs in.
 *
 * @param variables environment variables
 * @param home home directory of the user
 * @param workingDirectory base of relative paths
 * @since 0.1
 */
public record Host(Map<String, String> variables, Path home, Path workingDirectory) {

  /** The current process. */
  public static Host current() {
    return new Host(
        System.getenv(),
        Path.of(System.getProperty("user.home", "")),
        Path.of("").toAbsolutePath());
  }

  @Override
  public String toString() {
    return "Host[home=%s, workingDirectory=%s]".formatted(home, workingDirectory);
  }
}
