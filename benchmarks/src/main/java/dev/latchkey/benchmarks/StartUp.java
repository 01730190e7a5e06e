package dev.latchkey.benchmarks;

import dev.latchkey.test.BaoServer;
import dev.latchkey.test.RecordingProxy;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Measures what the starter adds to a start, and what a server is asked meanwhile. Its argument is
 * how many times each application is started (15), one after the other and in turns.
 */
public final class StartUp {

  private static final List<String> LEFT_OUT_OF_AN_EMPTY_APPLICATION =
      List.of("latchkey-", "spring-vault-", "tink-");

  private final Path directory;

  private StartUp(Path directory) {
    this.directory = directory;
  }

  public static void main(String[] arguments) throws IOException, InterruptedException {
    int rounds = arguments.length == 0 ? 15 : Integer.parseInt(arguments[0]);
    try (BaoServer server = BaoServer.start();
        RecordingProxy proxy = RecordingProxy.before(server)) {
      for (int path = 0; path < 20; path++) {
        server.post("secret/data/path" + path, Map.of("data", Map.of("value", "v")));
      }
      server.post("sys/mounts/transit", Map.of("type", "transit"));
      new StartUp(Files.createTempDirectory("latchkey-start")).measure(rounds, server, proxy);
    }
  }

  private void measure(int rounds, BaoServer server, RecordingProxy proxy)
      throws IOException, InterruptedException {
    List<String> vault =
        List.of(
            "--spring.application.name=shop",
            "--latchkey.vault.uri=" + proxy.uri(),
            "--latchkey.vault.token=" + server.rootToken());
    String keyset = "--latchkey.keysets.orders.template=AES256_GCM";
    Map<String, List<String>> applications = new LinkedHashMap<>();
    applications.put("empty", List.of());
    applications.put(
        "file store, 1 keyset",
        List.of(keyset, "--latchkey.store.type=file", "--latchkey.store.file.directory=store"));
    applications.put("server, 1 path", join(vault, lookUps(1)));
    applications.put("server, 20 paths", join(vault, lookUps(20)));
    applications.put("server, 20 paths, 1 keyset", join(vault, lookUps(20), List.of(keyset)));

    Map<String, List<Long>> times = new LinkedHashMap<>();
    Map<String, Integer> requests = new LinkedHashMap<>();
    for (int round = 0; round <= rounds; round++) {
      for (Map.Entry<String, List<String>> each : applications.entrySet()) {
        int before = proxy.requests().size();
        long time = start(each.getKey().equals("empty"), each.getValue());
        if (round > 0) { // the first makes keysets, and warms the disk's cache
          times.computeIfAbsent(each.getKey(), key -> new ArrayList<>()).add(time);
          requests.put(each.getKey(), proxy.requests().size() - before);
        }
      }
    }
    print(times, requests);
  }

  private long start(boolean empty, List<String> arguments)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-Duser.home=" + directory);
    command.addAll(List.of("-cp", empty ? emptyClassPath() : classPath()));
    command.add(StartUpApplication.class.getName());
    command.add("--server.port=0");
    command.addAll(arguments);
    Process process =
        new ProcessBuilder(command).directory(directory.toFile()).redirectErrorStream(true).start();
    List<String> output = process.inputReader().lines().toList();
    process.waitFor();
    return output.stream()
        .filter(line -> line.startsWith(StartUpApplication.READY))
        .map(line -> Long.valueOf(line.substring(StartUpApplication.READY.length())))
        .findFirst()
        .orElseThrow(() -> new IllegalStateException(String.join("\n", output)));
  }

  private static void print(Map<String, List<Long>> times, Map<String, Integer> requests) {
    long empty = median(times.getOrDefault("empty", List.of(0L)));
    System.out.println(
        "\n| application | start, ms | added, ms | ratio | requests |\n|---|---|---|---|---|");
    times.forEach(
        (application, each) ->
            System.out.printf(
                "| %s | %d | %d | %.2f | %d |%n",
                application,
                median(each),
                median(each) - empty,
                (double) median(each) / empty,
                requests.getOrDefault(application, 0)));
  }

  private static long median(List<Long> times) {
    return times.stream().sorted().toList().get(times.size() / 2);
  }

  private static List<String> lookUps(int paths) {
    return IntStream.range(0, paths)
        .mapToObj(path -> "--app.value%d=${vault@secret/path%d#value}".formatted(path, path))
        .toList();
  }

  @SafeVarargs
  private static List<String> join(List<String>... lists) {
    return Arrays.stream(lists).flatMap(List::stream).toList();
  }

  private static String classPath() {
    return System.getProperty("java.class.path");
  }

  private static String emptyClassPath() {
    return Arrays.stream(classPath().split(File.pathSeparator))
        .filter(StartUp::belongsToAnEmptyApplication)
        .collect(Collectors.joining(File.pathSeparator));
  }

  private static boolean belongsToAnEmptyApplication(String entry) {
    String name = Path.of(entry).getFileName().toString();
    return LEFT_OUT_OF_AN_EMPTY_APPLICATION.stream().noneMatch(name::startsWith);
  }
}
