package dev.latchkey.rabbitmq;

import static org.awaitility.Awaitility.await;

import dev.latchkey.test.BaoServer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A real RabbitMQ on free ports of the loopback interface, whose users the test makes and deletes.
 * It ends with {@link #close()}, and at the latest with the JVM, however that ends.
 */
final class RabbitServer implements AutoCloseable {

  static final String ADMIN = "admin";
  static final String ADMIN_PASSWORD = "password-of-the-admin";

  private static final Duration LIMIT = Duration.ofMinutes(2);

  /** What the server prints when it can be used. */
  private static final String STARTED = " completed with ";

  /** Erlang's directory of nodes and the server, until standard input ends. */
  private static final String WATCHED =
      """
      exec 3<&0
      "$0" </dev/null 3<&- &
      epmd=$!
      until "$0" -names >/dev/null 2>&1; do kill -0 $epmd || exit 1; done
      "$1" </dev/null 3<&- &
      server=$!
      echo "pids $epmd $server"
      { cat <&3; kill -9 $server $epmd; } >/dev/null 2>&1 &
      watcher=$!
      exec 3<&-
      wait $server
      kill -9 $epmd $watcher
      wait $epmd
      """;

  private static final String PIDS = "pids ";

  private static final String CONFIGURATION =
      """
      listeners.tcp.1 = 127.0.0.1:%d
      management.tcp.ip = 127.0.0.1
      management.tcp.port = %d
      collect_statistics_interval = 500
      default_user = %s
      default_pass = %s
      log.file = false
      log.console = true
      log.console.level = error
      """;

  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final int port = BaoServer.freePort();
  private final int managementPort = BaoServer.freePort();
  private final Path directory;
  private final Process process;
  private final CompletableFuture<@Nullable Void> started = new CompletableFuture<>();
  private volatile List<ProcessHandle> processes = List.of();

  private RabbitServer(RabbitBinaries binaries, Path directory) throws IOException {
    this.directory = directory;
    ProcessBuilder builder =
        new ProcessBuilder(
                "sh", "-c", WATCHED, binaries.epmd().toString(), binaries.server().toString())
            .redirectErrorStream(true);
    builder.environment().putAll(environment(binaries));
    Files.writeString(
        directory.resolve("rabbitmq.conf"),
        CONFIGURATION.formatted(port, managementPort, ADMIN, ADMIN_PASSWORD));
    Files.writeString(directory.resolve("enabled_plugins"), "[rabbitmq_management].");
    this.process = builder.start();
    Thread reader = new Thread(this::read, "rabbitmq output");
    reader.setDaemon(true);
    reader.start();
  }

  /** Starts a server and waits until it can be used. */
  static RabbitServer start() {
    RabbitServer server;
    try {
      server =
          new RabbitServer(
              RabbitBinaries.unpacked(),
              Files.createTempDirectory(Path.of("target").toAbsolutePath(), "rabbitmq-"));
    } catch (IOException ex) {
      throw new UncheckedIOException(ex);
    }
    try {
      server.started.orTimeout(LIMIT.toSeconds(), TimeUnit.SECONDS).join();
      return server;
    } catch (RuntimeException ex) {
      server.close();
      throw ex;
    }
  }

  private Map<String, String> environment(RabbitBinaries binaries) {
    return Map.ofEntries(
        Map.entry("HOME", directory.toString()),
        Map.entry("PATH", binaries.erlang() + ":" + System.getenv("PATH")),
        Map.entry("ERL_EPMD_ADDRESS", "127.0.0.1"),
        Map.entry("ERL_EPMD_PORT", String.valueOf(BaoServer.freePort())),
        Map.entry("RABBITMQ_DIST_PORT", String.valueOf(BaoServer.freePort())),
        Map.entry("RABBITMQ_NODENAME", "test%d@localhost".formatted(port)),
        Map.entry("RABBITMQ_CONF_ENV_FILE", directory.resolve("none").toString()),
        Map.entry("RABBITMQ_CONFIG_FILE", directory.resolve("rabbitmq.conf").toString()),
        Map.entry("RABBITMQ_ADVANCED_CONFIG_FILE", directory.resolve("none.config").toString()),
        Map.entry("RABBITMQ_ENABLED_PLUGINS_FILE", directory.resolve("enabled_plugins").toString()),
        Map.entry("RABBITMQ_MNESIA_BASE", directory.resolve("data").toString()),
        Map.entry("RABBITMQ_LOG_BASE", directory.resolve("log").toString()),
        // the script becomes the server, instead of waiting for it
        Map.entry("RUNNING_UNDER_SYSTEMD", "true"));
  }

  /** Reads to the end, lest the server block on a full pipe. */
  private void read() {
    String last = "";
    try (BufferedReader reader = process.inputReader()) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        if (line.startsWith(PIDS)) {
          processes =
              List.of(line.substring(PIDS.length()).split(" ")).stream()
                  .flatMap(pid -> ProcessHandle.of(Long.parseLong(pid)).stream())
                  .toList();
        } else if (line.contains(STARTED)) {
          started.complete(null);
        }
        last = line.isBlank() ? last : line;
      }
    } catch (IOException ex) {
      last = String.valueOf(ex.getMessage());
    }
    started.completeExceptionally(
        new IllegalStateException("RabbitMQ ended while it started: " + last));
  }

  int port() {
    return port;
  }

  /** Where users are made and deleted. */
  URI managementUri() {
    return URI.create("http://127.0.0.1:" + managementPort);
  }

  /** The server's own processes: Erlang's directory of nodes, and the node. */
  List<ProcessHandle> processes() {
    return processes;
  }

  /** Makes a user who may do everything, or changes its password. */
  void makeUser(String name, String password) {
    put("users/" + name, Map.of("password", password, "tags", ""));
    put("permissions/%2F/" + name, Map.of("configure", ".*", "write", ".*", "read", ".*"));
  }

  /** Deletes a user, whose open connections the server then closes. */
  void deleteUser(String name) {
    exchange("DELETE", "users/" + name, null);
  }

  /** The users of open connections, one for each. */
  List<String> connectedUsers() {
    return connections().stream().map(each -> each.path("user").asString("")).toList();
  }

  /** Closes all connections, as an operator does. */
  void closeConnections() {
    connections()
        .forEach(each -> exchange("DELETE", "connections/" + encode(each.path("name")), null));
    await().until(() -> connections().isEmpty());
  }

  private List<JsonNode> connections() {
    return JsonMapper.shared()
        .readTree(exchange("GET", "connections", null))
        .valueStream()
        .toList();
  }

  private static String encode(JsonNode name) {
    return name.asString().replace(" ", "%20").replace(">", "%3E");
  }

  private void put(String path, Map<String, String> json) {
    exchange("PUT", path, JsonMapper.shared().writeValueAsString(json));
  }

  private String exchange(String method, String path, @Nullable String body) {
    HttpRequest request =
        HttpRequest.newBuilder(managementUri().resolve("/api/" + path))
            .method(method, body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(body))
            .header("Authorization", "Basic " + credentials())
            .header("Content-Type", "application/json")
            .build();
    try {
      HttpResponse<String> response = http.send(request, BodyHandlers.ofString());
      boolean goneAlready = method.equals("DELETE") && response.statusCode() == 404;
      if (response.statusCode() >= 300 && !goneAlready) {
        throw new IllegalStateException("%s %s: %d".formatted(method, path, response.statusCode()));
      }
      return response.body();
    } catch (IOException ex) {
      throw new UncheckedIOException(ex);
    } catch (InterruptedException ex) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted", ex);
    }
  }

  private static String credentials() {
    return Base64.getEncoder()
        .encodeToString((ADMIN + ":" + ADMIN_PASSWORD).getBytes(StandardCharsets.UTF_8));
  }

  /** Ends all its processes at once. */
  @Override
  public void close() {
    try {
      process.getOutputStream().close();
      process.waitFor(10, TimeUnit.SECONDS);
    } catch (IOException ex) {
      throw new UncheckedIOException(ex);
    } catch (InterruptedException ex) {
      Thread.currentThread().interrupt();
    }
  }
}
