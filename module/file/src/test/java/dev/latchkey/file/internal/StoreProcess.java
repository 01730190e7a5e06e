package dev.latchkey.file.internal;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.latchkey.test.internal.ClassArchive;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
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

  /** Makes ready to start many of them. */
  static ClassArchive archive(Path directory) throws Exception {
    Path root = Files.createDirectory(directory.resolve("first"));
    return ClassArchive.of(directory, StoreProgram.class.getName(), "write-once", root.toString());
  }

  static StoreProcess start(String task, Path root) throws IOException {
    return start(ClassArchive.NONE, task, List.of(root));
  }

  static StoreProcess start(ClassArchive archive, String task, List<Path> roots)
      throws IOException {
    List<String> command = new ArrayList<>(List.of("sh", "-c", "umask 000; exec \"$@\"", "sh"));
    command.addAll(archive.command(StoreProgram.class.getName(), task));
    roots.forEach(root -> command.add(root.toString()));
    return new StoreProcess(
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start());
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
