package dev.latchkey.store.file;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A running {@link StoreProgram} whose umask takes nothing away. */
final class StoreProcess implements AutoCloseable {

  private final Process process;
  private final BufferedReader output;

  private StoreProcess(Process process) {
    this.process = process;
    this.output = new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8));
  }

  static StoreProcess start(Path root, String task) throws IOException {
    Process process =
        new ProcessBuilder(
                "sh",
                "-c",
                "umask 000; exec \"$@\"",
                "sh",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                StoreProgram.class.getName(),
                root.toString(),
                task)
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    return new StoreProcess(process);
  }

  long pid() {
    return process.pid();
  }

  @Nullable String readLine() throws IOException {
    return output.readLine();
  }

  /** Lets it run for a while, unless it ends by itself. */
  void letRun(long micros) throws InterruptedException {
    process.waitFor(micros, TimeUnit.MICROSECONDS);
  }

  /** Ends it as {@code kill -9} does; what it has said can still be read. */
  void kill() throws InterruptedException {
    process.toHandle().destroyForcibly();
    process.waitFor();
  }

  @Override
  public void close() throws InterruptedException, IOException {
    kill();
    output.close();
  }
}
