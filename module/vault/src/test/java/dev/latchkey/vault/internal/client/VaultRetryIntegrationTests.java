package dev.latchkey.vault.internal.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.latchkey.LatchkeyException;
import dev.latchkey.StoreUnavailableException;
import dev.latchkey.test.BaoServer;
import dev.latchkey.test.internal.RecordingProxy;
import dev.latchkey.vault.internal.secret.VaultSecretSource;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.core.retry.RetryPolicy;
import org.springframework.vault.authentication.ClientAuthentication;
import org.springframework.web.client.RestOperations;

/** Startup before the server is available. */
@ExtendWith(OutputCaptureExtension.class)
final class VaultRetryIntegrationTests {

  private static final RetryPolicy RETRIES =
      retries(Long.MAX_VALUE, Duration.ofMillis(50)).timeout(Duration.ofSeconds(60)).build();

  @Test
  void retriesUntilTheServerIsUnsealed(CapturedOutput output) {
    try (BaoServer server = BaoServer.start()) {
      server.post("secret/data/a", Map.of("data", Map.of("x", "a")));
      server.post("secret/data/b", Map.of("data", Map.of("x", "b")));
      var login =
          VaultTestConnection.appRole(server, "path \"secret/*\" { capabilities = [\"read\"] }");
      server.seal();
      try (VaultConnection connection = connection(server.uri(), RETRIES, login)) {
        VaultSecretSource source = new VaultSecretSource(connection);
        CompletableFuture<Object> a = read(source, "secret/a");
        CompletableFuture<Object> b = read(source, "secret/b");
        await().until(() -> output.toString().contains("not available yet (attempt 3)"));
        assertThat(a).isNotDone();

        server.unseal();

        assertThat(a.join()).isEqualTo("a");
        assertThat(b.join()).isEqualTo("b");
        assertThat(output)
            .containsOnlyOnce("attempt 1)")
            .contains("is not available yet (attempt 1): ", "sealed");

        server.seal();
        CompletableFuture<Object> later = read(source, "secret/a");
        await().until(() -> output.toString().split("\\(attempt 2\\)", -1).length == 3);
        server.unseal();
        assertThat(later.join()).as("later in the same startup").isEqualTo("a");

        connection.startupIsOver();
        String before = output.toString();
        server.seal();
        assertThatThrownBy(() -> source.read("secret/a", null))
            .isInstanceOf(StoreUnavailableException.class);
        assertThat(output.toString()).isEqualTo(before);
      }
    }
  }

  @Test
  void adaptsToARateLimitDuringStartup(CapturedOutput output) {
    try (BaoServer server = BaoServer.start()) {
      for (int i = 0; i < 30; i++) {
        server.post("secret/data/" + i, Map.of("data", Map.of("x", i)));
      }
      server.post("sys/quotas/rate-limit/all", Map.of("rate", 10, "interval", "1s"));
      try (VaultConnection connection = connection(server.uri(), null, token(server.rootToken()))) {
        VaultSecretSource source = new VaultSecretSource(connection);
        List<CompletableFuture<Object>> reads =
            IntStream.range(0, 30).mapToObj(i -> read(source, "secret/" + i)).toList();

        for (int i = 0; i < 30; i++) {
          assertThat(reads.get(i).join()).isEqualTo(String.valueOf(i));
        }
      }
      assertThat(output).containsOnlyOnce("limits the rate of requests: startup takes longer");
    }
  }

  private static CompletableFuture<Object> read(VaultSecretSource source, String path) {
    return CompletableFuture.supplyAsync(
        () -> String.valueOf(source.read(path, null).orElseThrow().get("x")));
  }

  @Test
  void failsWhenAttemptsOrTimeAreExhausted(CapturedOutput output) {
    URI nobody = URI.create("http://127.0.0.1:" + BaoServer.freePort());
    RetryPolicy three = retries(2, Duration.ofMillis(10)).build();
    try (VaultConnection connection = connection(nobody, three, token("token"))) {
      assertThatThrownBy(() -> connection.get("secret/data/a"))
          .isInstanceOf(StoreUnavailableException.class)
          .hasMessageContaining("connection refused");
      assertThat(output)
          .contains("(attempt 1)", "(attempt 2)", "(attempt 3)")
          .doesNotContain("(attempt 4)");

      assertThatThrownBy(() -> connection.get("secret/data/a"))
          .isInstanceOf(StoreUnavailableException.class);
      assertThat(output).containsOnlyOnce("(attempt 3)");
    }
    RetryPolicy brief = retries(8, Duration.ofSeconds(20)).timeout(Duration.ofSeconds(10)).build();
    try (VaultConnection connection = connection(nobody, brief, token("token"))) {
      assertThatThrownBy(() -> connection.get("secret/data/a"))
          .isInstanceOf(StoreUnavailableException.class);
      assertThat(output.getOut().split("\\(attempt 2\\)", -1)).hasSize(2);
    }
  }

  @Test
  void doesNotRetryWhenTheServerRejectsTheRequest(CapturedOutput output) {
    BaoServer server = BaoServer.shared();
    try (RecordingProxy proxy = RecordingProxy.before(server);
        VaultConnection denied = connection(proxy.uri(), RETRIES, token(server.token()));
        VaultConnection unknown = connection(proxy.uri(), RETRIES, token("no-token"))) {
      assertThat(denied.get("secret/data/none").status()).isEqualTo(403);
      assertThatThrownBy(() -> unknown.get("secret/data/none"))
          .isInstanceOf(LatchkeyException.class)
          .hasMessageContaining("rejected the token");

      assertThat(proxy.requests())
          .filteredOn(request -> request.endsWith("/secret/data/none"))
          .hasSize(2);
      assertThat(output).doesNotContain("attempt");
    }
  }

  private static RetryPolicy.Builder retries(long retries, Duration delay) {
    return RetryPolicy.builder()
        .predicate(StartupRetry::isTemporary)
        .maxRetries(retries)
        .delay(delay)
        .multiplier(1.5);
  }

  private static Function<RestOperations, ClientAuthentication> token(String token) {
    return VaultTestConnection.token(token);
  }

  private static VaultConnection connection(
      URI uri,
      @Nullable RetryPolicy retries,
      Function<RestOperations, ClientAuthentication> login) {
    VaultSettings settings = VaultTestConnection.settings(uri);
    return VaultConnection.to(
        new VaultSettings(
            settings.uri(),
            false,
            null,
            null,
            settings.connectTimeout(),
            settings.readTimeout(),
            settings.proofInterval(),
            settings.proofRetry(),
            retries),
        login);
  }
}
