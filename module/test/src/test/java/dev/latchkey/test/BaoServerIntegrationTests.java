package dev.latchkey.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class BaoServerIntegrationTests {

  @Test
  void servesSecretsAsSoonAsItIsStarted() {
    BaoServer server = BaoServer.shared();

    server.post("secret/data/harness", Map.of("data", Map.of("field", "value")));

    assertThat(server.get("secret/data/harness").at("/data/data/field").stringValue())
        .isEqualTo("value");
    assertThat(BaoServer.shared()).isSameAs(server);
  }

  @Test
  void makesTokensThatHoldOnlyTheirPolicies() {
    BaoServer server = BaoServer.shared();
    String mount = server.mountKv(2);
    String other = server.mountKv(1);
    String token =
        server.token(server.policy("path \"%s/*\" { capabilities = [\"read\"] }".formatted(mount)));

    assertThat(server.exchange(token, "GET", mount + "/data/x", null).statusCode()).isEqualTo(404);
    assertThat(server.exchange(token, "GET", other + "/x", null).statusCode()).isEqualTo(403);
  }

  @Test
  void answersNothingWhileSealed() {
    try (BaoServer server = BaoServer.start()) {
      server.seal();
      assertThat(server.exchange(server.rootToken(), "GET", "secret/data/x", null).statusCode())
          .isEqualTo(503);

      server.unseal();
      assertThat(server.exchange(server.rootToken(), "GET", "secret/data/x", null).statusCode())
          .isEqualTo(404);
    }
  }

  @Test
  void leavesNoProcessWhenClosed() throws Exception {
    BaoServer server = BaoServer.start();
    ProcessHandle process = ProcessHandle.of(server.pid()).orElseThrow();
    server.pause();

    server.close();

    process.onExit().get(10, TimeUnit.SECONDS);
    assertThatThrownBy(() -> server.get("secret/data/x")).isInstanceOf(UncheckedIOException.class);
  }

  @Test
  void endsWithTheJvmThatStartedIt() throws Exception {
    Process jvm =
        new ProcessBuilder(
                ProcessHandle.current().info().command().orElseThrow(),
                "-cp",
                System.getProperty("java.class.path"),
                Orphan.class.getName())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    ProcessHandle server =
        ProcessHandle.of(Long.parseLong(jvm.inputReader().readLine())).orElseThrow();
    assertThat(server.isAlive()).isTrue();

    jvm.destroyForcibly();

    server.onExit().get(10, TimeUnit.SECONDS);
  }

  @Test
  void findsBinariesOnThePathInItsOrder(@TempDir Path first, @TempDir Path second)
      throws Exception {
    Path vault = Files.createFile(first.resolve("vault"));
    assertThat(BaoBinary.onPath(first + ":" + second)).isEmpty();

    assertThat(vault.toFile().setExecutable(true)).isTrue();
    assertThat(BaoBinary.onPath(first + "::" + second)).contains(vault);

    Path bao = Files.createFile(second.resolve("bao"));
    assertThat(bao.toFile().setExecutable(true)).isTrue();
    assertThat(BaoBinary.onPath(first + ":" + second)).contains(bao);
  }

  static final class Orphan {
    public static void main(String[] args) throws Exception {
      System.out.println(BaoServer.start().pid());
      Thread.currentThread().join();
    }
  }
}
