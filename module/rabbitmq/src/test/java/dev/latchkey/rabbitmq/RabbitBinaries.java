package dev.latchkey.rabbitmq;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * RabbitMQ and the Erlang that it runs on: Debian's packages, unpacked once into the build
 * directory. Nothing is installed, and nothing on the machine is changed; it takes no root.
 */
final class RabbitBinaries {

  private static final List<String> PACKAGES =
      List.of(
          "rabbitmq-server",
          "erlang-base",
          "erlang-asn1",
          "erlang-crypto",
          "erlang-eldap",
          "erlang-inets",
          "erlang-mnesia",
          "erlang-os-mon",
          "erlang-parsetools",
          "erlang-public-key",
          "erlang-runtime-tools",
          "erlang-ssl",
          "erlang-syntax-tools",
          "erlang-tools",
          "erlang-xmerl");

  /** What the package's own script does, but for the directory. */
  private static final String ERL =
      """
      #!/bin/sh
      export ROOTDIR='%s' BINDIR='%s' EMU=beam PROGNAME=erl
      exec "$BINDIR/erlexec" "$@"
      """;

  private final Path home;

  private RabbitBinaries(Path home) {
    this.home = home;
  }

  /** Two builds may come here at once: the first unpacks, the other waits. */
  static RabbitBinaries unpacked() {
    Path target = Path.of("target").toAbsolutePath();
    RabbitBinaries binaries = new RabbitBinaries(target.resolve("rabbitmq"));
    try {
      Files.createDirectories(target);
      try (FileChannel channel =
              FileChannel.open(
                  target.resolve("rabbitmq.lock"),
                  StandardOpenOption.CREATE,
                  StandardOpenOption.WRITE);
          var lock = channel.lock()) {
        Path stamp = binaries.home.resolve("unpacked");
        if (!Files.exists(stamp)) {
          binaries.unpack();
          Files.createFile(stamp);
        }
        return binaries;
      }
    } catch (IOException ex) {
      throw new UncheckedIOException(ex);
    }
  }

  /** The directory of {@code erl}, which the server's script looks for on its path. */
  Path erlang() {
    return home.resolve("bin");
  }

  Path epmd() {
    return runtime().resolve("epmd");
  }

  /** The script that starts the server. */
  Path server() {
    return only(home.resolve("root/usr/lib/rabbitmq/lib"), "rabbitmq_server-")
        .resolve("sbin/rabbitmq-server");
  }

  private Path runtime() {
    return only(home.resolve("root/usr/lib/erlang"), "erts-").resolve("bin");
  }

  private void unpack() throws IOException {
    Path packages = Files.createDirectories(home.resolve("packages"));
    download(packages);
    Path root = Files.createDirectories(home.resolve("root"));
    try (Stream<Path> files = Files.list(packages)) {
      for (Path each : files.filter(it -> it.toString().endsWith(".deb")).toList()) {
        run(packages, List.of("dpkg", "-x", each.toString(), root.toString()));
      }
    }
    Path erl = Files.createDirectories(erlang()).resolve("erl");
    Files.writeString(erl, ERL.formatted(root.resolve("usr/lib/erlang"), runtime()));
    if (!erl.toFile().setExecutable(true)) {
      throw new IllegalStateException(erl + " cannot be made executable");
    }
  }

  /** By the machine's own lists of packages, or by fresh ones where those are missing or old. */
  private void download(Path packages) throws IOException {
    List<String> caches = List.of("-o", "Dir::Cache=" + directory("cache/archives/partial", 2));
    try {
      run(packages, command(caches, "download", PACKAGES));
    } catch (IllegalStateException ex) {
      List<String> lists =
          Stream.concat(
                  caches.stream(),
                  Stream.of("-o", "Dir::State::Lists=" + directory("lists/partial", 1)))
              .toList();
      run(packages, command(lists, "update", List.of()));
      run(packages, command(lists, "download", PACKAGES));
    }
  }

  /** Makes a directory, and gives the one that it is {@code depth} levels below. */
  private Path directory(String path, int depth) throws IOException {
    Path directory = Files.createDirectories(home.resolve(path));
    for (int i = 0; i < depth; i++) {
      directory = directory.getParent();
    }
    return directory;
  }

  private static List<String> command(List<String> options, String name, List<String> packages) {
    List<String> command = new ArrayList<>(List.of("apt-get", "-q", "-y"));
    command.addAll(options);
    command.add(name);
    command.addAll(packages);
    return command;
  }

  private static void run(Path directory, List<String> command) {
    String failure;
    try {
      Process process =
          new ProcessBuilder(command)
              .directory(directory.toFile())
              .redirectErrorStream(true)
              .start();
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
      failure = "interrupted";
    }
    throw new IllegalStateException(
        "These tests need RabbitMQ, which apt-get and dpkg unpack from Debian's packages (%s)"
            .formatted(failure));
  }

  private static Path only(Path directory, String prefix) {
    try (Stream<Path> files = Files.list(directory)) {
      return files
          .filter(each -> each.getFileName().toString().startsWith(prefix))
          .findFirst()
          .orElseThrow();
    } catch (IOException ex) {
      throw new UncheckedIOException(ex);
    }
  }
}
