package dev.latchkey.test;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Real servers that replicate their data with Raft: one is active, the others are standbys that
 * serve reads. They stop with {@link #close()}, or with the JVM.
 *
 * <p>A node is killed by {@link BaoServer#close()}, and paused like any other server.
 */
public final class BaoCluster implements AutoCloseable {

  private static final Pattern STARTED = Pattern.compile("==> \\w+ server (started)!.*");
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final int ATTEMPTS = 3;
  private static final Duration PROBE_LIMIT = Duration.ofSeconds(1);
  private static final JsonMapper JSON = JsonMapper.shared();

  private final Path directory;
  private final List<Node> nodes;

  private BaoCluster(Path directory, List<Node> nodes) {
    this.directory = directory;
    this.nodes = nodes;
  }

  /** Starts three servers with a KV v2 engine at {@code secret}, and waits until all respond. */
  public static BaoCluster start() {
    return start(3);
  }

  /** Starts one server, which can be killed and restarted with its data. */
  public static BaoCluster ofOne() {
    return start(1);
  }

  /** Sometimes a node that joins never catches up: then all start again. */
  private static BaoCluster start(int size) {
    for (int attempt = 1; ; attempt++) {
      try {
        return startOnce(size);
      } catch (IllegalStateException ex) {
        if (attempt == ATTEMPTS) {
          throw ex;
        }
      }
    }
  }

  private static BaoCluster startOnce(int size) {
    BaoCluster cluster = null;
    try {
      Path directory = Files.createTempDirectory("bao-cluster");
      AtomicInteger names = new AtomicInteger();
      cluster =
          new BaoCluster(
              directory,
              IntStream.rangeClosed(1, size).mapToObj(i -> new Node(directory, i, names)).toList());
      cluster.initialize();
      return cluster;
    } catch (IOException ex) {
      throw new UncheckedIOException(ex);
    } catch (RuntimeException ex) {
      if (cluster != null) {
        cluster.close();
      }
      throw ex;
    }
  }

  private void initialize() {
    nodes.forEach(node -> node.start("", ""));
    Node first = nodes.get(0);
    await("a node answers", () -> first.health().isPresent());
    JsonNode made =
        first.server().post("sys/init", Map.of("secret_shares", 1, "secret_threshold", 1));
    String rootToken = made.path("root_token").stringValue();
    String unsealKey = made.path("keys").path(0).stringValue();
    for (Node node : nodes) {
      node.start(rootToken, unsealKey);
      if (node != first) {
        await(first + " is active", first::isActive);
        await(node + " answers", () -> node.health().isPresent());
        node.server()
            .post("sys/storage/raft/join", Map.of("leader_api_addr", first.uri.toString()));
      }
      node.unseal();
    }
    active().mountKv("secret", 2);
    awaitReplication();
  }

  /** All nodes, running or not. */
  public List<BaoServer> nodes() {
    return nodes.stream().map(Node::server).toList();
  }

  /** The node that serves writes, once most nodes agree on it. */
  public BaoServer active() {
    List<Node> found = new ArrayList<>();
    await("a node is active", () -> found.addAll(findActive().stream().toList()));
    return found.get(0).server();
  }

  /** The nodes other than the active one. */
  public List<BaoServer> standbys() {
    BaoServer active = active();
    return nodes().stream().filter(node -> node != active).toList();
  }

  /** A backup of the cluster's data. */
  public byte[] snapshot() {
    return active().download("sys/storage/raft/snapshot");
  }

  /** Restores a snapshot, and waits until the cluster serves again. */
  public void restore(byte[] snapshot) {
    active().upload("sys/storage/raft/snapshot-force", snapshot);
    for (Node node : nodes) {
      await(node + " serves", () -> unsealed(node) && node.serves());
    }
    active();
  }

  /** Unseals a node, as often as necessary. */
  private static boolean unsealed(Node node) {
    if (node.isSealed()) {
      node.unseal();
    }
    return !node.isSealed();
  }

  /** Restarts a closed node with its data, and waits until it serves. */
  public BaoServer restart(BaoServer node) {
    restartSealed(node);
    Node restarted = of(node);
    restarted.unseal();
    await(restarted + " serves", restarted::serves);
    return restarted.server();
  }

  /** Restarts a closed node with its data, without waiting until it serves. */
  public BaoServer restartSealed(BaoServer node) {
    Node restarted = of(node);
    restarted.start(node.rootToken(), restarted.server().unsealKey());
    await(restarted + " answers", () -> restarted.health().isPresent());
    return restarted.server();
  }

  /** Isolates a node: nothing is replicated to it. */
  public void cutOff(BaoServer node) {
    of(node).replication.cut();
  }

  public void reconnect(BaoServer node) {
    of(node).replication.join();
  }

  /** Waits until every node has what the active one has written. */
  public void awaitReplication() {
    long written = applied(of(active()));
    for (Node node : nodes) {
      await(node + " follows", () -> node.serves() && applied(node) >= written);
    }
  }

  private static long applied(Node node) {
    return node.ask("sys/leader").map(it -> it.path("raft_applied_index").asLong()).orElse(0L);
  }

  private Optional<Node> findActive() {
    List<String> leaders =
        nodes.stream()
            .flatMap(node -> node.ask("sys/leader").stream())
            .map(it -> it.path("leader_address").asString(""))
            .toList();
    return nodes.stream()
        .filter(
            node -> leaders.stream().filter(node.uri.toString()::equals).count() > nodes.size() / 2)
        .filter(Node::isActive)
        .findFirst();
  }

  private Node of(BaoServer server) {
    return nodes.stream()
        .filter(node -> node.uri.equals(server.uri()))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException(server + " is of no such cluster"));
  }

  private static void await(String what, BaoProcess.Condition condition) {
    long deadline = System.nanoTime() + LIMIT.toNanos();
    while (!condition.holds()) {
      if (System.nanoTime() > deadline) {
        throw new IllegalStateException("Timed out waiting until %s".formatted(what));
      }
      LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
    }
  }

  @Override
  public void close() {
    nodes.forEach(Node::close);
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException ex) {
      throw new UncheckedIOException(ex);
    }
  }

  /** One node. It keeps its address and data across restarts. */
  private static final class Node {

    private final int number;
    private final AtomicInteger names;
    private final Path directory;
    private final URI uri;
    private final int clusterPort = BaoServer.freePort();
    private final TcpProxy replication = TcpProxy.before(clusterPort);
    private @Nullable BaoProcess process;
    private volatile @Nullable BaoServer server;

    Node(Path parent, int number, AtomicInteger names) {
      this.number = number;
      this.names = names;
      this.directory = parent.resolve("node" + number);
      this.uri = URI.create("http://127.0.0.1:" + BaoServer.freePort());
    }

    /** Starts a process unless one is running. */
    void start(String rootToken, String unsealKey) {
      BaoProcess running = process;
      if (running == null || !ProcessHandle.of(running.pid()).isPresent()) {
        running =
            BaoProcess.start(
                STARTED,
                Map.of("BAO_RAFT_AUTOPILOT_DISABLE", "1", "VAULT_RAFT_AUTOPILOT_DISABLE", "1"),
                "server",
                "-config=" + configuration());
        process = running;
      }
      server = new BaoServer(running, uri, rootToken, unsealKey, names);
    }

    private Path configuration() {
      try {
        Files.createDirectories(directory.resolve("data"));
        return Files.writeString(
            directory.resolve("server.json"),
            JSON.writeValueAsString(
                Map.of(
                    "storage",
                    Map.of(
                        "raft",
                        Map.of(
                            "path",
                            directory.resolve("data").toString(),
                            "node_id",
                            "node" + number,
                            "performance_multiplier",
                            "1")),
                    "listener",
                    List.of(
                        Map.of(
                            "tcp",
                            Map.of(
                                "address",
                                uri.getAuthority(),
                                "cluster_address",
                                "127.0.0.1:" + clusterPort,
                                "tls_disable",
                                true))),
                    "api_addr",
                    uri.toString(),
                    "cluster_addr",
                    "https://127.0.0.1:" + replication.port(),
                    "disable_mlock",
                    true)));
      } catch (IOException ex) {
        throw new UncheckedIOException(ex);
      }
    }

    BaoServer server() {
      BaoServer started = server;
      if (started == null) {
        throw new IllegalStateException(this + " was never started");
      }
      return started;
    }

    void unseal() {
      server().post("sys/unseal", Map.of("key", server().unsealKey()));
    }

    /** Its own status; empty if it does not respond in time. */
    Optional<JsonNode> health() {
      return ask("sys/health?standbyok=true&sealedcode=200&uninitcode=200");
    }

    boolean isSealed() {
      return health().filter(it -> it.path("sealed").asBoolean(false)).isPresent();
    }

    boolean serves() {
      return ask("secret/config").isPresent();
    }

    boolean isActive() {
      return ask("sys/leader").filter(it -> it.path("is_self").asBoolean(false)).isPresent();
    }

    Optional<JsonNode> ask(String path) {
      try {
        HttpResponse<String> answer =
            server().exchange(server().rootToken(), "GET", path, null, PROBE_LIMIT);
        return answer.statusCode() == 200
            ? Optional.of(JSON.readTree(answer.body()))
            : Optional.empty();
      } catch (UncheckedIOException ex) {
        return Optional.empty();
      }
    }

    void close() {
      if (process != null) {
        process.close();
      }
      replication.close();
    }

    @Override
    public String toString() {
      return "node %d at %s".formatted(number, uri);
    }
  }
}
