package dev.latchkey.test;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

final class BaoClusterIntegrationTests {

  private static BaoCluster cluster;

  @BeforeAll
  static void start() {
    cluster = BaoCluster.start();
  }

  @AfterAll
  static void stop() {
    List<ProcessHandle> processes =
        cluster.nodes().stream().flatMap(it -> ProcessHandle.of(it.pid()).stream()).toList();
    cluster.close();
    assertThat(processes).hasSize(3).noneMatch(ProcessHandle::isAlive);
  }

  @Test
  void servesOnEveryNodeWhatOneHasWritten() {
    cluster.standbys().get(0).post("secret/data/a", Map.of("data", Map.of("x", "1")));
    cluster.awaitReplication();

    assertThat(cluster.nodes())
        .hasSize(3)
        .allSatisfy(node -> assertThat(read(node, "a")).isEqualTo("1"));
  }

  @Test
  void findsTheNextActiveNodeWhenOneIsKilledOrPaused() {
    BaoServer first = cluster.active();
    first.close();
    BaoServer second = cluster.active();
    assertThat(second).isNotSameAs(first);
    second.post("secret/data/b", Map.of("data", Map.of("x", "2")));

    BaoServer restarted = cluster.restart(first);
    cluster.awaitReplication();
    assertThat(read(restarted, "b")).isEqualTo("2");

    second.pause();
    BaoServer third = cluster.active();
    assertThat(third.uri()).isNotEqualTo(second.uri());
    third.post("secret/data/b", Map.of("data", Map.of("x", "3")));

    second.resume();
    cluster.awaitReplication();
    assertThat(read(second, "b")).isEqualTo("3");
  }

  @Test
  void leavesAStandbyBehindWhenItIsCutOff() {
    BaoServer cut = cluster.standbys().get(0);
    cluster.active().post("secret/data/c", Map.of("data", Map.of("x", "old")));
    cluster.awaitReplication();

    cluster.cutOff(cut);
    cluster.active().post("secret/data/c", Map.of("data", Map.of("x", "new")));
    assertThat(cluster.active()).isNotSameAs(cut);
    assertThat(read(cut, "c")).isEqualTo("old");
    assertThat(read(cluster.active(), "c")).isEqualTo("new");

    cluster.reconnect(cut);
    cluster.awaitReplication();
    assertThat(read(cut, "c")).isEqualTo("new");
  }

  @Test
  void oneServerComesBackSealedWithWhatItHeld() {
    try (BaoCluster one = BaoCluster.ofOne()) {
      BaoServer server = one.active();
      server.post("secret/data/d", Map.of("data", Map.of("x", "kept")));
      server.close();

      BaoServer restarted = one.restartSealed(server);
      assertThat(
              restarted.exchange(restarted.rootToken(), "GET", "secret/data/d", null).statusCode())
          .isEqualTo(503);

      restarted.unseal();
      assertThat(read(restarted, "d")).isEqualTo("kept");
    }
  }

  private static String read(BaoServer node, String path) {
    return node.get("secret/data/" + path).at("/data/data/x").stringValue();
  }
}
