package dev.latchkey.vault.internal.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeout;

import dev.latchkey.LatchkeyException;
import dev.latchkey.StoreUnavailableException;
import dev.latchkey.key.KeysetId;
import dev.latchkey.test.BaoServer;
import dev.latchkey.test.internal.RecordingProxy;
import dev.latchkey.vault.internal.keyset.TransitKeyEncryptionKeys;
import dev.latchkey.vault.internal.keyset.VaultKeysetStore;
import dev.latchkey.vault.internal.secret.VaultSecretSource;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.vault.authentication.AppRoleAuthentication;
import org.springframework.vault.authentication.AppRoleAuthenticationOptions;
import org.springframework.vault.authentication.AppRoleAuthenticationOptions.RoleId;
import org.springframework.vault.authentication.AppRoleAuthenticationOptions.SecretId;
import org.springframework.vault.authentication.ClientAuthentication;
import org.springframework.web.client.RestOperations;

final class VaultConnectionIntegrationTests {

  private final BaoServer server = BaoServer.shared();
  private final String mount = server.mountKv(2);

  @Test
  void looksUpAMountOnceWhenManyPathsAreRead() throws Exception {
    for (int i = 0; i < 20; i++) {
      server.post(mount + "/data/app/" + i, Map.of("data", Map.of("x", "v" + i)));
    }
    try (RecordingProxy proxy = RecordingProxy.before(server);
        VaultConnection connection = VaultTestConnection.to(proxy.uri(), server.rootToken())) {
      VaultSecretSource source = new VaultSecretSource(connection);

      inParallel(
          IntStream.range(0, 20)
              .<Callable<?>>mapToObj(
                  i -> () -> source.read(mount + "/app/" + i, null).orElseThrow())
              .toList());

      assertThat(proxy.requests()).hasSize(21);
      assertThat(proxy.requests()).filteredOn(it -> it.contains("internal")).hasSize(1);
    }
  }

  @Test
  void waitsForOneTimeoutWhenManyPathsAreReadFromAServerThatHangs() throws Exception {
    try (BaoServer silent = BaoServer.start();
        VaultConnection connection = VaultTestConnection.root(silent)) {
      VaultSecretSource source = new VaultSecretSource(connection);
      silent.pause();

      assertTimeout(
          Duration.ofSeconds(6),
          () ->
              inParallel(
                  IntStream.range(0, 16)
                      .<Callable<?>>mapToObj(
                          i ->
                              () ->
                                  assertThatExceptionOfType(StoreUnavailableException.class)
                                      .isThrownBy(() -> source.read("secret/app/" + i, null)))
                      .toList()));
    }
  }

  @Test
  void logsInOnceWithAMethodOfSpringVault() throws Exception {
    String transit = server.mountTransit();
    try (RecordingProxy proxy = RecordingProxy.before(server)) {
      VaultConnection connection =
          VaultConnection.to(
              VaultTestConnection.settings(proxy.uri()),
              appRole(
                  """
                  path "%s/*" { capabilities = ["create", "read", "update"] }
                  path "%s/*" { capabilities = ["update"] }
                  """
                      .formatted(mount, transit)));
      VaultKeysetStore store = new VaultKeysetStore(connection, mount, "latchkey");
      VaultSecretSource source = new VaultSecretSource(connection);
      TransitKeyEncryptionKeys keys = new TransitKeyEncryptionKeys(connection, transit);
      assertThat(proxy.requests()).isEmpty();

      inParallel(
          List.of(
              () -> store.load(new KeysetId("shop", "orders")),
              () -> store.load(new KeysetId("shop", "receipts")),
              () -> source.read(mount + "/a", null),
              () -> source.read(mount + "/b", null),
              () -> {
                keys.createIfAbsent(new KeysetId("shop", "orders"));
                return "";
              }));

      assertThat(proxy.requests())
          .filteredOn(request -> request.contains("/login"))
          .containsExactly("POST /v1/auth/approle/login");

      connection.close();
      assertThat(proxy.requests()).last().isEqualTo("POST /v1/auth/token/revoke-self");
    }
  }

  @Test
  void doesNotRevokeAProvidedToken() {
    String token = server.token();

    VaultConnection connection = VaultTestConnection.to(server.uri(), token);
    connection.get("auth/token/lookup-self");
    connection.close();

    assertThat(server.exchange(token, "GET", "auth/token/lookup-self", null).statusCode())
        .isEqualTo(200);
  }

  @Test
  void readsTheTokenFileAgainWhenTheTokenIsRejected(@TempDir Path directory) throws Exception {
    String policy = server.policy("path \"%s/*\" { capabilities = [\"read\"] }".formatted(mount));
    String first = server.token(policy);
    String second = server.token(policy);
    Path file = Files.writeString(directory.resolve("token"), first + "\n");
    VaultSecretSource source =
        new VaultSecretSource(
            VaultConnection.to(
                VaultTestConnection.settings(server.uri()), VaultTestConnection.tokenFile(file)));
    assertThat(source.read(mount + "/a", null)).isEmpty();

    server.post("auth/token/revoke", Map.of("token", first));
    assertThatThrownBy(() -> source.read(mount + "/a", null))
        .isInstanceOf(LatchkeyException.class)
        .hasMessageContaining("rejected the token");

    Files.writeString(file, second);
    assertThat(source.read(mount + "/a", null)).isEmpty();
  }

  @Test
  void failsWhenTheLoginIsRejected() {
    Function<RestOperations, ClientAuthentication> authentication =
        login ->
            new AppRoleAuthentication(
                AppRoleAuthenticationOptions.builder()
                    .path("nowhere")
                    .roleId(RoleId.provided("role"))
                    .secretId(SecretId.provided("canary"))
                    .build(),
                login);
    VaultConnection connection =
        VaultConnection.to(VaultTestConnection.settings(server.uri()), authentication);

    assertThatThrownBy(() -> connection.get("secret/data/x"))
        .isInstanceOf(LatchkeyException.class)
        .hasMessageContaining("rejected the login")
        .hasMessageNotContaining("canary");
  }

  private Function<RestOperations, ClientAuthentication> appRole(String policy) {
    return VaultTestConnection.appRole(server, policy);
  }

  private static void inParallel(List<? extends Callable<?>> calls) throws Exception {
    ExecutorService executor = Executors.newFixedThreadPool(calls.size());
    try {
      for (Future<?> future : calls.stream().map(executor::submit).toList()) {
        future.get();
      }
    } finally {
      executor.shutdownNow();
    }
  }
}
