package dev.latchkey.vault.internal.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.latchkey.LatchkeyException;
import dev.latchkey.StoreUnavailableException;
import dev.latchkey.test.BaoServer;
import dev.latchkey.test.internal.RecordingProxy;
import dev.latchkey.vault.internal.login.GivenTokenAuthentication;
import dev.latchkey.vault.internal.secret.VaultSecretSource;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.vault.authentication.ClientAuthentication;
import org.springframework.web.client.RestOperations;

/** A start before the server is up. */
@ExtendWith(OutputCaptureExtension.class)
final class VaultRetryIntegrationTests {

  private static final Patience PATIENCE =
      new Patience(Integer.MAX_VALUE, Duration.ofMillis(50), 1.5, Duration.ofSeconds(60));

  @Test
  void waitsForAServerThatIsUnsealedLater(CapturedOutput output) {
    try (BaoServer server = BaoServer.start()) {
      server.post("secret/data/a", Map.of("data", Map.of("x", "a")));
      server.post("secret/data/b", Map.of("data", Map.of("x", "b")));
      var login =
          VaultTestConnection.appRole(server, "path \"secret/*\" { capabilities = [\"read\"] }");
      server.seal();
      try (VaultConnection connection = connection(server.uri(), PATIENCE, login)) {
        VaultSecretSource source = new VaultSecretSource(connection);
        CompletableFuture<Object> a = read(source, "secret/a");
        CompletableFuture<Object> b = read(source, "secret/b");
        await().until(() -> output.toString().contains("attempt 3, the next one in 112 ms"));
        assertThat(a).isNotDone();

        server.unseal();

        assertThat(a.join()).isEqualTo("a");
        assertThat(b.join()).isEqualTo("b");
        assertThat(output)
            .containsOnlyOnce("attempt 1,")
            .contains("is not up yet (", "it is sealed");

        server.seal();
        assertThatThrownBy(() -> source.read("secret/a", null))
            .isInstanceOf(StoreUnavailableException.class);
        assertThat(output).containsOnlyOnce("attempt 1,");
      }
    }
  }

  private static CompletableFuture<Object> read(VaultSecretSource source, String path) {
    return CompletableFuture.supplyAsync(
        () -> String.valueOf(source.read(path, null).orElseThrow().fields().get("x")));
  }

  @Test
  void givesUpAfterSoManyAttemptsOrSoMuchTime(CapturedOutput output) {
    URI nobody = URI.create("http://127.0.0.1:" + BaoServer.freePort());
    Patience three = new Patience(3, Duration.ofMillis(10), 2, null);
    try (VaultConnection connection = connection(nobody, three, token("token"))) {
      assertThatThrownBy(() -> connection.get("secret/data/a"))
          .isInstanceOf(StoreUnavailableException.class)
          .hasMessageContaining("the connection was refused");
      assertThat(output)
          .contains("attempt 1 of 3, the next one in 10 ms")
          .contains("attempt 2 of 3, the next one in 20 ms")
          .doesNotContain("attempt 3");

      assertThatThrownBy(() -> connection.get("secret/data/a"))
          .isInstanceOf(StoreUnavailableException.class);
      assertThat(output).containsOnlyOnce("attempt 1 of 3");
    }
    Patience short0 = new Patience(9, Duration.ofSeconds(20), 1, Duration.ofSeconds(10));
    try (VaultConnection connection = connection(nobody, short0, token("token"))) {
      assertThatThrownBy(() -> connection.get("secret/data/a"))
          .isInstanceOf(StoreUnavailableException.class);
      assertThat(output).doesNotContain("of 9");
    }
  }

  @Test
  void neverAsksAgainForWhatWasRefused(CapturedOutput output) {
    BaoServer server = BaoServer.shared();
    try (RecordingProxy proxy = RecordingProxy.before(server);
        VaultConnection denied = connection(proxy.uri(), PATIENCE, token(server.token()));
        VaultConnection unknown = connection(proxy.uri(), PATIENCE, token("no-token"))) {
      assertThat(denied.get("secret/data/none").status()).isEqualTo(403);
      assertThatThrownBy(() -> unknown.get("secret/data/none"))
          .isInstanceOf(LatchkeyException.class)
          .hasMessageContaining("does not know the token");

      assertThat(proxy.requests())
          .filteredOn(request -> request.endsWith("/secret/data/none"))
          .hasSize(2);
      assertThat(output).doesNotContain("attempt");
    }
  }

  private static Function<RestOperations, ClientAuthentication> token(String token) {
    return operations -> GivenTokenAuthentication.of(token);
  }

  private static VaultConnection connection(
      URI uri, Patience patience, Function<RestOperations, ClientAuthentication> login) {
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
            patience),
        login);
  }
}
