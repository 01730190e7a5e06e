package dev.latchkey.starter;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.test.BaoCluster;
import dev.latchkey.test.BaoServer;
import dev.latchkey.test.TcpProxy;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Several real processes under load share a keyset that rotates every few seconds. {@code
 * -Dlatchkey.fleet.rotations} lets them run longer.
 */
final class FleetIntegrationTests {

  /** Rotations that the fleet follows after everything is up again. */
  private static final int ROTATIONS = Integer.getInteger("latchkey.fleet.rotations", 1);

  private static final Duration ROTATION = Duration.ofSeconds(3);

  private static final List<String> PROPERTIES =
      List.of(
          "spring.application.name=shop",
          "spring.main.banner-mode=off",
          "latchkey.refresh.interval=500ms",
          "latchkey.rotation.max-staleness=2s",
          "latchkey.rotation.drain=500ms",
          "latchkey.rotation.clock-skew=500ms",
          "latchkey.keysets.orders.template=AES256_GCM",
          "latchkey.keysets.orders.rotation.period=" + ROTATION,
          "latchkey.keysets.orders.rotation.propagation=" + ROTATION);

  @Test
  void loseNoOperationWhenInstancesOrTheServerFail(@TempDir Path first, @TempDir Path second) {
    CompletableFuture<Void> processes =
        CompletableFuture.runAsync(() -> killAndFreezeMembers(first));
    CompletableFuture<Void> leaders = CompletableFuture.runAsync(() -> killLeaders(second));

    processes.join();
    leaders.join();
  }

  private static void killAndFreezeMembers(Path directory) {
    try (BaoServer server = BaoServer.start();
        Fleet fleet = new Fleet(directory, server.rootToken())) {
      server.post("sys/mounts/transit", Map.of("type", "transit"));
      Member one = fleet.start("one", server.uri());
      Member two = fleet.start("two", server.uri());
      Member three = fleet.start("three", server.uri());
      fleet.awaitRotations(1);

      two.kill();
      fleet.awaitRotations(1);
      fleet.start("two-again", server.uri());
      fleet.awaitRotations(1);

      three.signal("STOP");
      one.awaitRotations(2);
      three.signal("CONT");
      fleet.awaitRotations(ROTATIONS);
      fleet.end(3);
    }
  }

  private static void killLeaders(Path directory) {
    try (BaoCluster cluster = BaoCluster.start();
        Fleet fleet = new Fleet(directory, cluster.active().rootToken())) {
      cluster.active().post("sys/mounts/transit", Map.of("type", "transit"));
      cluster.awaitReplication();
      List<Integer> ports =
          new ArrayList<>(cluster.nodes().stream().map(node -> node.uri().getPort()).toList());
      for (String name : List.of("one", "two", "three")) {
        fleet.start(name, fleet.before(ports));
        Collections.rotate(ports, 1);
      }
      fleet.awaitRotations(1);

      for (int i = 0; i < 2; i++) {
        BaoServer leader = cluster.active();
        leader.close();
        assertThat(cluster.active().uri()).isNotEqualTo(leader.uri());
        fleet.awaitRotations(1);
        cluster.restart(leader);
        cluster.awaitReplication();
        fleet.awaitRotations(ROTATIONS);
      }
      fleet.end(3);
    }
  }

  private static void await(BooleanSupplier condition) {
    long deadline = System.nanoTime() + ROTATION.multipliedBy(ROTATIONS).plusMinutes(2).toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError("Timed out");
      }
      LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
    }
  }

  /** The processes of one application. */
  private static final class Fleet implements AutoCloseable {

    private final Path directory;
    private final String token;
    private final List<Member> members = new ArrayList<>();
    private final List<TcpProxy> ways = new ArrayList<>();

    Fleet(Path directory, String token) {
      this.directory = directory;
      this.token = token;
    }

    Member start(String name, URI server) {
      Member member = new Member(directory, name, server, token);
      members.add(member);
      await(() -> member.generation > 0 || !member.isAlive());
      assertThat(member.isAlive()).as("%s started", name).isTrue();
      return member;
    }

    /** The address of a proxy for the first of these ports that accepts connections. */
    URI before(List<Integer> ports) {
      TcpProxy way = TcpProxy.before(ports.toArray(Integer[]::new));
      ways.add(way);
      return URI.create("http://127.0.0.1:" + way.port());
    }

    /** Waits until every running member has followed a number of rotations. */
    void awaitRotations(int count) {
      members.stream().filter(Member::isAlive).forEach(member -> member.awaitRotations(count));
    }

    /** Stops the running members, and asserts that nothing ever failed. */
    void end(int expected) {
      List<Member> alive = members.stream().filter(Member::isAlive).toList();
      assertThat(alive).hasSize(expected);
      long published = published();
      alive.forEach(Member::end);
      assertThat(members).allSatisfy(member -> assertThat(member.failures).isEmpty());
      assertThat(alive)
          .allSatisfy(
              member -> {
                assertThat(member.result).contains(" failed=0 ", " undecrypted=0");
                assertThat(member.number("checked")).isGreaterThanOrEqualTo(published);
                assertThat(member.number("operations")).isGreaterThan(1000);
              });
    }

    private long published() {
      try (Stream<Path> files = Files.list(directory)) {
        long lines = 0;
        for (Path file : files.toList()) {
          lines += Files.readString(file).chars().filter(c -> c == '\n').count();
        }
        return lines;
      } catch (IOException ex) {
        throw new UncheckedIOException(ex);
      }
    }

    @Override
    public void close() {
      members.forEach(Member::kill);
      ways.forEach(TcpProxy::close);
    }
  }

  /** One process. */
  private static final class Member {

    private final Process process;
    private final Queue<String> failures = new ConcurrentLinkedQueue<>();
    private volatile long generation;
    private volatile String result = "";

    Member(Path directory, String name, URI server, String token) {
      List<String> command = new ArrayList<>();
      command.add(ProcessHandle.current().info().command().orElseThrow());
      command.addAll(List.of("-XX:TieredStopAtLevel=1", "-Xmx128m", "-cp"));
      command.add(System.getProperty("java.class.path"));
      command.addAll(List.of(FleetMember.class.getName(), directory.toString(), name));
      command.add("latchkey.vault.uri=" + server);
      command.addAll(PROPERTIES);
      ProcessBuilder builder =
          new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
      builder.environment().put("LATCHKEY_VAULT_TOKEN", token);
      try {
        process = builder.start();
      } catch (IOException ex) {
        throw new UncheckedIOException(ex);
      }
      Thread reader = new Thread(this::read, name);
      reader.setDaemon(true);
      reader.start();
    }

    private void read() {
      try (BufferedReader output = process.inputReader()) {
        for (String line = output.readLine(); line != null; line = output.readLine()) {
          if (line.startsWith("generation ")) {
            generation = Long.parseLong(line.substring("generation ".length()));
          } else if (line.startsWith("failed ")) {
            failures.add(line);
          } else if (line.startsWith("result ")) {
            result = line;
            System.out.println(line);
          } else {
            System.out.println(line);
          }
        }
      } catch (IOException ex) {
        // killed
      }
    }

    boolean isAlive() {
      return process.isAlive();
    }

    void awaitRotations(int count) {
      long goal = generation + count;
      await(() -> generation >= goal);
    }

    void signal(String name) {
      try {
        assertThat(
                new ProcessBuilder("kill", "-" + name, String.valueOf(process.pid()))
                    .start()
                    .waitFor())
            .isZero();
      } catch (IOException ex) {
        throw new UncheckedIOException(ex);
      } catch (InterruptedException ex) {
        Thread.currentThread().interrupt();
      }
    }

    void kill() {
      process.destroyForcibly();
      process.onExit().join();
    }

    void end() {
      try {
        process.getOutputStream().close();
      } catch (IOException ex) {
        throw new UncheckedIOException(ex);
      }
      await(() -> !result.isEmpty());
    }

    long number(String name) {
      return Long.parseLong(result.replaceAll(".* " + name + "=(\\d+).*", "$1"));
    }
  }
}
