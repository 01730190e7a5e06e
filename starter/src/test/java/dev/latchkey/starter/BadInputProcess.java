package dev.latchkey.starter;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.latchkey.test.internal.ClassArchive;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Runs {@link BadInputApplication} as a user would: in a directory that holds its properties. */
final class BadInputProcess {

  private static final Pattern REPORT =
      Pattern.compile(
          "(?s)Description:\\R\\R(.*?)\\R\\RAction:\\R\\R(.*?)\\R\\R" + BadInputApplication.TOOK);
  private static final Pattern TOOK = Pattern.compile(BadInputApplication.TOOK + "(\\d+)");

  private final ClassArchive archive;
  private final Path work;
  private final Path home;

  BadInputProcess(ClassArchive archive, Path directory) throws IOException {
    this.archive = archive;
    work = Files.createDirectories(directory.resolve("work"));
    home = Files.createDirectories(directory.resolve("home"));
  }

  /** Makes ready to start many of them, by one that is good. */
  static ClassArchive archive(Path directory, List<String> properties) throws Exception {
    Files.write(directory.resolve("application.properties"), properties);
    return ClassArchive.of(directory, BadInputApplication.class.getName());
  }

  /** Where it runs. */
  Path work() {
    return work;
  }

  Result run(List<String> properties) throws Exception {
    Files.write(work.resolve("application.properties"), properties);
    List<String> command =
        archive.command("-Duser.home=" + home, BadInputApplication.class.getName());
    ProcessBuilder builder =
        new ProcessBuilder(command).directory(work.toFile()).redirectErrorStream(true);
    builder.environment().keySet().retainAll(List.of("PATH", "LANG"));
    Process process = builder.start();
    String output = new String(process.getInputStream().readAllBytes());
    return new Result(process.waitFor(), output);
  }

  /** Every file that it may have made, with its content; not what only tells who runs. */
  Map<String, String> files() throws IOException {
    Map<String, String> files = new TreeMap<>();
    for (Path root : List.of(work, home)) {
      try (Stream<Path> all = Files.walk(root)) {
        all.filter(Files::isRegularFile)
            .filter(file -> !file.endsWith("lock") && !file.endsWith("application.properties"))
            .forEach(file -> files.put(root.relativize(file).toString(), content(file)));
      }
    }
    return files;
  }

  private static String content(Path file) {
    try {
      return new String(Files.readAllBytes(file), ISO_8859_1);
    } catch (IOException ex) {
      throw new UncheckedIOException(ex);
    }
  }

  record Result(int exitCode, String output) {

    String description() {
      return report(1);
    }

    String action() {
      return report(2);
    }

    long milliseconds() {
      Matcher took = TOOK.matcher(output);
      return took.find() ? Long.parseLong(took.group(1)) : Long.MAX_VALUE;
    }

    private String report(int group) {
      Matcher report = REPORT.matcher(output);
      return report.find() ? report.group(group) : "no failure report in:\n" + output;
    }
  }
}
