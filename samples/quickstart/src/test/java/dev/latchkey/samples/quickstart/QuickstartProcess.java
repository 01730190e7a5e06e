package dev.latchkey.samples.quickstart;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A Java process with a working directory and a home directory of its own. */
final class QuickstartProcess implements AutoCloseable {

  private static final Pattern ORDERS = Pattern.compile("curl -s localhost:(\\d+)/orders");

  private final Process process;

  private final StringBuilder output = new StringBuilder();

  private QuickstartProcess(Process process) {
    this.process = process;
  }

  /** Runs the packaged sample. */
  static QuickstartProcess ofJar(
      Path directory, Path home, Map<String, String> variables, String... options) {
    List<String> command = new ArrayList<>(List.of(options));
    command.addAll(List.of("-Dserver.port=0", "-jar", System.getProperty("quickstart.jar")));
    return start(directory, home, variables, command);
  }

  static QuickstartProcess start(
      Path directory, Path home, Map<String, String> variables, List<String> arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-Duser.home=" + home);
    command.addAll(arguments);
    ProcessBuilder builder =
        new ProcessBuilder(command).directory(directory.toFile()).redirectErrorStream(true);
    builder.environment().keySet().removeIf(QuickstartProcess::changesConfiguration);
    builder.environment().put("HOME", home.toString());
    builder.environment().putAll(variables);
    try {
      return new QuickstartProcess(builder.start());
    } catch (IOException ex) {
      throw new UncheckedIOException(ex);
    }
  }

  private static boolean changesConfiguration(String variable) {
    return variable.startsWith("LATCHKEY_")
        || variable.startsWith("SPRING_")
        || variable.equals("CREDENTIALS_DIRECTORY")
        || variable.equals("JAVA_TOOL_OPTIONS");
  }

  /** Waits until the service prints its port. */
  OrderServiceClient client() {
    try {
      while (process.isAlive() || process.getInputStream().available() > 0) {
        String line = process.inputReader().readLine();
        if (line == null) {
          break;
        }
        output.append(line).append('\n');
        Matcher matcher = ORDERS.matcher(line);
        if (matcher.find()) {
          drain();
          return new OrderServiceClient(Integer.parseInt(matcher.group(1)));
        }
      }
    } catch (IOException ex) {
      throw new UncheckedIOException(ex);
    }
    throw new IllegalStateException("The service did not start:\n" + output);
  }

  /** Reads the output, so that the process does not block on a full pipe. */
  private void drain() {
    Thread reader = new Thread(() -> process.inputReader().lines().forEach(line -> {}));
    reader.setDaemon(true);
    reader.start();
  }

  /** Waits until the process exits, and returns its output. */
  String output() {
    process.inputReader().lines().forEach(line -> output.append(line).append('\n'));
    return output.toString();
  }

  int exitCode() {
    try {
      return process.waitFor();
    } catch (InterruptedException ex) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(ex);
    }
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(20, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException ex) {
      Thread.currentThread().interrupt();
      process.destroyForcibly();
    }
  }
}
