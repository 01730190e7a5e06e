package dev.latchkey.test;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A process of the server's binary. It stops with the JVM, even if the JVM is killed. */
final class BaoProcess implements AutoCloseable {

  static final Duration START_LIMIT = Duration.ofSeconds(60);

  /** Runs the server until standard input ends, which a killed JVM cannot prevent. */
  private static final String WATCHED =
      """
      exec 3<&0
      "$0" "$@" </dev/null 3<&- &
      server=$!
      echo "pid $server"
      { cat <&3; kill -9 $server; } >/dev/null 2>&1 &
      watcher=$!
      exec 3<&-
      wait $server
      kill $watcher
      """;

  private static final String PID = "pid ";

  private final Process watched;
  private final long pid;
  private final String announced;

  private BaoProcess(Process watched, long pid, String announced) {
    this.watched = watched;
    this.pid = pid;
    this.announced = announced;
  }

  /**
   * Starts a server and waits until it has printed a line.
   *
   * @param announcement pattern of the line, with one group for the part to return
   */
  static BaoProcess start(
      Pattern announcement, Map<String, String> environment, String... arguments) {
    ProcessBuilder builder =
        new ProcessBuilder(
                Stream.concat(
                        Stream.of("sh", "-c", WATCHED, BaoBinary.find().toString()),
                        Stream.of(arguments))
                    .toList())
            .redirectErrorStream(true);
    builder.environment().putAll(environment);
    try {
      Process process = builder.start();
      return printed(process, announcement);
    } catch (IOException ex) {
      throw new UncheckedIOException(ex);
    }
  }

  private static BaoProcess printed(Process process, Pattern announcement) {
    try {
      CompletableFuture<BaoProcess> printed = new CompletableFuture<>();
      Thread reader = new Thread(() -> read(process, announcement, printed), "server output");
      reader.setDaemon(true);
      reader.start();
      return printed.orTimeout(START_LIMIT.toSeconds(), TimeUnit.SECONDS).join();
    } catch (CompletionException ex) {
      process.destroyForcibly();
      throw ex.getCause() instanceof RuntimeException cause ? cause : ex;
    }
  }

  /** Reads to the end, so that the server does not block on a full pipe. */
  private static void read(
      Process process, Pattern announcement, CompletableFuture<BaoProcess> printed) {
    long pid = 0;
    String last = "";
    try (BufferedReader reader = process.inputReader()) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        Matcher matcher = announcement.matcher(line);
        if (line.startsWith(PID)) {
          pid = Long.parseLong(line.substring(PID.length()));
        } else if (matcher.matches()) {
          printed.complete(new BaoProcess(process, pid, matcher.group(1)));
        } else if (line.contains("address already in use")) {
          printed.completeExceptionally(new PortTakenException(line));
        }
        last = line.isBlank() ? last : line;
      }
      printed.completeExceptionally(
          new IllegalStateException("The server stopped during startup: " + last));
    } catch (IOException ex) {
      printed.completeExceptionally(new UncheckedIOException(ex));
    }
  }

  /** The process of the server. */
  long pid() {
    return pid;
  }

  /** The group of the announcement. */
  String announced() {
    return announced;
  }

  void await(String what, Condition condition) {
    long deadline = System.nanoTime() + START_LIMIT.toNanos();
    while (!holds(condition)) {
      if (System.nanoTime() > deadline || !watched.isAlive()) {
        close();
        throw new IllegalStateException("Timed out waiting until %s".formatted(what));
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
    }
  }

  private static boolean holds(Condition condition) {
    try {
      return condition.holds();
    } catch (UncheckedIOException ex) {
      return false;
    }
  }

  void signal(String name) {
    try {
      if (new ProcessBuilder("kill", "-" + name, String.valueOf(pid)).start().waitFor() != 0) {
        throw new IllegalStateException("No process to send %s to".formatted(name));
      }
    } catch (IOException ex) {
      throw new UncheckedIOException(ex);
    } catch (InterruptedException ex) {
      Thread.currentThread().interrupt();
    }
  }

  /** Kills the process. */
  @Override
  public void close() {
    ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
    try {
      watched.getOutputStream().close();
      watched.waitFor(10, TimeUnit.SECONDS);
    } catch (IOException ex) {
      throw new UncheckedIOException(ex);
    } catch (InterruptedException ex) {
      Thread.currentThread().interrupt();
    }
  }

  @FunctionalInterface
  interface Condition {
    boolean holds();
  }

  static final class PortTakenException extends RuntimeException {
    PortTakenException(String line) {
      super(line);
    }
  }
}
