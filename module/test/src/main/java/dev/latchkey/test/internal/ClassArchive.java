package dev.latchkey.test.internal;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;

/**
 * Starts a program repeatedly in about half the time: a first run archives the classes that it
 * loads. Uses the class path of this process.
 *
 * @param options options of the JVM, including the class path
 */
public record ClassArchive(List<String> options) {

  /** Archives nothing, for a program that is started once. */
  public static final ClassArchive NONE =
      new ClassArchive(options(System.getProperty("java.class.path")));

  /**
   * Runs the program once, until it exits.
   *
   * @param directory directory of the archive
   * @param program main class and arguments
   */
  public static ClassArchive of(Path directory, String... program) throws Exception {
    List<String> options = options(classPath(directory));
    Path archive = directory.resolve("classes.jsa");
    List<String> command = new ArrayList<>(List.of(java(), "-XX:ArchiveClassesAtExit=" + archive));
    command.addAll(options);
    command.addAll(List.of(program));
    Process process =
        new ProcessBuilder(command)
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("first-run.log").toFile())
            .start();
    process.getOutputStream().close();
    if (process.waitFor() != 0) {
      throw new IllegalStateException(Files.readString(directory.resolve("first-run.log")));
    }
    List<String> archived = new ArrayList<>(List.of("-XX:SharedArchiveFile=" + archive));
    archived.addAll(options);
    return new ClassArchive(archived);
  }

  /** The command that starts a program: main class and arguments. */
  public List<String> command(String... program) {
    List<String> command = new ArrayList<>(List.of(java()));
    command.addAll(options);
    command.addAll(List.of(program));
    return command;
  }

  private static List<String> options(String classPath) {
    return List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp", classPath);
  }

  private static String java() {
    return Path.of(System.getProperty("java.home"), "bin", "java").toString();
  }

  /** Replaces every directory by a jar, since only classes from jars can be archived. */
  private static String classPath(Path directory) throws IOException {
    List<String> entries = new ArrayList<>();
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
      Path path = Path.of(entry).toAbsolutePath();
      if (Files.isDirectory(path)) {
        path = jar(path, directory.resolve("classes" + entries.size() + ".jar"));
      }
      entries.add(path.toString());
    }
    return String.join(File.pathSeparator, entries);
  }

  private static Path jar(Path classes, Path jar) throws IOException {
    try (OutputStream file = Files.newOutputStream(jar);
        JarOutputStream output = new JarOutputStream(file);
        Stream<Path> all = Files.walk(classes)) {
      for (Path each : all.filter(Files::isRegularFile).toList()) {
        output.putNextEntry(
            new JarEntry(classes.relativize(each).toString().replace(File.separatorChar, '/')));
        Files.copy(each, output);
      }
    }
    return jar;
  }
}
