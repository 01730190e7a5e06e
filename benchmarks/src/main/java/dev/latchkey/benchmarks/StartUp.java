package dev.latchkey.benchmarks;

import dev.latchkey.test.BaoServer;
import dev.latchkey.test.internal.RecordingProxy;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * Measures what the starter adds to startup, compared with Spring Cloud Vault reading the same
 * paths, and the requests to the server. The argument is the number of rounds (default: 9), in each
 * of which every application is started once.
 */
public final class StartUp {

  private static final List<Integer> PATHS = List.of(1, 20, 50);
  private static final List<Duration> LATENCIES = List.of(Duration.ZERO, Duration.ofMillis(20));
  private static final List<String> LATCHKEY = List.of("latchkey-", "tink-");
  private static final List<String> SPRING_CLOUD = List.of("spring-cloud-");
  private static final List<String> BOTH =
      List.of("latchkey-", "tink-", "spring-cloud-", "spring-vault-");

  private final Path directory;
  private final BaoServer server;
  private final RecordingProxy proxy;

  private StartUp(Path directory, BaoServer server, RecordingProxy proxy) {
    this.directory = directory;
    this.server = server;
    this.proxy = proxy;
  }

  public static void main(String[] arguments) throws IOException, InterruptedException {
    int rounds = arguments.length == 0 ? 9 : Integer.parseInt(arguments[0]);
    try (BaoServer server = BaoServer.start();
        RecordingProxy proxy = RecordingProxy.before(server)) {
      for (int path = 0; path < 50; path++) {
        server.post(
            "secret/data/path" + path, Map.of("data", Map.of("app.value" + path, "v" + path)));
      }
      server.post("sys/mounts/transit", Map.of("type", "transit"));
      new StartUp(Files.createTempDirectory("latchkey-start"), server, proxy).measure(rounds);
    }
  }

  private void measure(int rounds) throws IOException, InterruptedException {
    Map<Application, List<Start>> starts = new LinkedHashMap<>();
    applications().forEach(application -> starts.put(application, new ArrayList<>()));
    for (int round = 0; round <= rounds; round++) {
      for (Map.Entry<Application, List<Start>> each : starts.entrySet()) {
        Start start = start(each.getKey());
        if (round > 0) { // the first round creates keysets and warms up the disk cache
          each.getValue().add(start);
        }
      }
    }
    print(starts);
  }

  private List<Application> applications() {
    String keyset = "--latchkey.keysets.orders.template=AES256_GCM";
    List<Application> applications = new ArrayList<>();
    applications.add(new Application("empty", BOTH, Duration.ZERO, List.of()));
    applications.add(
        new Application(
            "Latchkey, file store, 1 keyset",
            SPRING_CLOUD,
            Duration.ZERO,
            List.of(
                keyset, "--latchkey.store.type=file", "--latchkey.store.file.directory=store")));
    for (Duration latency : LATENCIES) {
      for (int paths : PATHS) {
        applications.add(latchkey(paths, latency, null));
        applications.add(springCloud(paths, latency));
      }
      applications.add(latchkey(20, latency, keyset));
    }
    return applications;
  }

  private Application latchkey(int paths, Duration latency, @Nullable String keyset) {
    List<String> arguments = new ArrayList<>();
    arguments.add("--spring.application.name=shop");
    arguments.add("--latchkey.vault.uri=" + proxy.uri());
    arguments.add("--latchkey.vault.token=" + server.rootToken());
    for (int path = 0; path < paths; path++) {
      arguments.add("--app.value%1$d=${vault@secret/path%1$d#app.value%1$d}".formatted(path));
    }
    if (keyset != null) {
      arguments.add(keyset);
    }
    String name = "Latchkey, %d paths%s".formatted(paths, keyset == null ? "" : ", 1 keyset");
    return new Application(name, SPRING_CLOUD, latency, arguments);
  }

  private Application springCloud(int paths, Duration latency) {
    return new Application(
        "Spring Cloud Vault, %d paths".formatted(paths),
        LATCHKEY,
        latency,
        List.of(
            "--spring.application.name=shop",
            "--spring.cloud.compatibility-verifier.enabled=false",
            "--spring.cloud.vault.uri=" + proxy.uri(),
            "--spring.cloud.vault.token=" + server.rootToken(),
            "--spring.config.import="
                + IntStream.range(0, paths)
                    .mapToObj(path -> "vault://secret/path" + path)
                    .collect(Collectors.joining(","))));
  }

  private Start start(Application application) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-Duser.home=" + directory);
    command.addAll(List.of("-cp", application.classPath()));
    command.add(StartUpApplication.class.getName());
    command.add("--server.port=0");
    command.addAll(application.arguments());
    proxy.answerAfter(application.latency());
    int before = proxy.requests().size();
    Process process =
        new ProcessBuilder(command).directory(directory.toFile()).redirectErrorStream(true).start();
    List<String> output = process.inputReader().lines().toList();
    process.waitFor();
    List<String> requests = proxy.requests();
    return output.stream()
        .filter(line -> line.startsWith(StartUpApplication.READY))
        .map(line -> Start.parse(line, requests.subList(before, requests.size())))
        .findFirst()
        .orElseThrow(() -> new IllegalStateException(String.join("\n", output)));
  }

  private static void print(Map<Application, List<Start>> starts) {
    List<Start> empty = starts.values().iterator().next();
    System.out.println(
        "\n| application | latency, ms | startup, ms | added, ms | ratio | requests, of these logins"
            + " | added heap, KiB | added other memory, KiB | added threads |\n"
            + "|---|---|---|---|---|---|---|---|---|");
    starts.forEach(
        (application, each) ->
            System.out.printf(
                "| %s | %d | %d | %d | %.2f | %d, %d | %d | %d | %d |%n",
                application.name(),
                application.latency().toMillis(),
                median(each, Start::time),
                medianAdded(each, empty),
                (double) median(each, Start::time) / median(empty, Start::time),
                median(each, Start::requests),
                median(each, Start::logins),
                median(each, Start::heap) - median(empty, Start::heap),
                median(each, Start::otherMemory) - median(empty, Start::otherMemory),
                median(each, Start::threads) - median(empty, Start::threads)));
  }

  private static long median(List<Start> starts, ToLongFunction<Start> figure) {
    return median(starts.stream().mapToLong(figure));
  }

  private static long median(LongStream figures) {
    long[] sorted = figures.sorted().toArray();
    return sorted[sorted.length / 2];
  }

  /** Returns the time added to the empty application of the same round, to eliminate drift. */
  private static long medianAdded(List<Start> starts, List<Start> empty) {
    return median(
        IntStream.range(0, starts.size())
            .mapToLong(round -> starts.get(round).time() - empty.get(round).time()));
  }

  /**
   * An application.
   *
   * @param without prefixes of files that are not on its class path
   * @param latency the latency added to each response of the server
   */
  private record Application(
      String name, List<String> without, Duration latency, List<String> arguments) {

    String classPath() {
      return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
          .filter(entry -> without.stream().noneMatch(fileName(entry)::startsWith))
          .collect(Collectors.joining(File.pathSeparator));
    }

    private static String fileName(String entry) {
      return Path.of(entry).getFileName().toString();
    }
  }

  /**
   * A measured startup.
   *
   * @param time the time from the start of the JVM until the application is ready, in ms
   * @param heap the heap in use after garbage collection, in KiB
   * @param otherMemory the memory in use outside the heap (classes and code), in KiB
   * @param threads the number of live threads
   * @param requests the number of requests to the server
   * @param logins the number of requests to {@code auth/}
   */
  private record Start(
      long time, long heap, long otherMemory, long threads, long requests, long logins) {

    static Start parse(String line, List<String> requests) {
      long[] figures =
          Arrays.stream(line.substring(StartUpApplication.READY.length()).split(" "))
              .mapToLong(Long::parseLong)
              .toArray();
      return new Start(
          figures[0],
          figures[1],
          figures[2],
          figures[3],
          requests.size(),
          requests.stream().filter(request -> request.contains(" /v1/auth/")).count());
    }
  }
}
