package dev.latchkey.vault.internal.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import dev.latchkey.LatchkeyException;
import dev.latchkey.test.BaoServer;
import dev.latchkey.test.internal.RecordingProxy;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.vault.authentication.ClientAuthentication;
import org.springframework.web.client.RestOperations;

/** Tokens that expire within seconds, while an application reads continuously. */
final class VaultSessionIntegrationTests {

  private static final Duration LASTING = Duration.ofSeconds(9);

  private final BaoServer server = BaoServer.shared();
  private final String mount = server.mountKv(2);
  private final String policy =
      server.policy(
          """
          path "%s/*" { capabilities = ["read"] }
          path "auth/token/*" { capabilities = ["read", "update"] }
          """
              .formatted(mount));

  @TempDir private Path directory;

  /** In parallel, because each takes equally long. */
  @Test
  void servesEveryRequestWhenTokensExpireWithinSeconds() {
    server.post(mount + "/data/a", Map.of("data", Map.of("x", "y")));
    Path file = directory.resolve("token");
    List<CompletableFuture<Course>> courses =
        List.of(
            course(appRole(Map.of("token_ttl", "3s"))),
            course(appRole(Map.of("token_ttl", "3s", "token_max_ttl", "4s"))),
            course(appRole(Map.of("token_ttl", "3s", "token_type", "batch"))),
            course(appRole(Map.of("token_ttl", "3s", "token_no_default_policy", true), bare())),
            course(VaultTestConnection.token(token(Map.of("period", "4s")))),
            course(
                operations -> {
                  write(file, token(Map.of("ttl", "5s", "explicit_max_ttl", "5s")));
                  return VaultTestConnection.tokenFile(file).apply(operations);
                }));
    Instant rewritten = Instant.now().plusSeconds(3);
    await().until(() -> Instant.now().isAfter(rewritten));
    write(file, token(Map.of("ttl", "1h")));

    Course renewed = courses.get(0).join();
    Course limited = courses.get(1).join();
    Course batch = courses.get(2).join();
    Course bare = courses.get(3).join();
    Course given = courses.get(4).join();
    Course inFile = courses.get(5).join();

    assertThat(List.of(renewed, limited, batch, bare, given, inFile))
        .allSatisfy(course -> assertThat(course.failures).isEmpty());
    assertThat(renewed.logins).isEqualTo(1);
    assertThat(renewed.renewals).isBetween(2L, 6L);
    assertThat(limited.logins).isBetween(2L, 6L);
    assertThat(batch.logins).isBetween(3L, 6L);
    assertThat(batch.renewals).isZero();
    assertThat(bare.logins).isBetween(3L, 6L);
    assertThat(bare.refusals).as("requests with a login that has ended").isZero();
    assertThat(given.renewals).isPositive();
    assertThat(inFile.logins).isZero();
  }

  @Test
  void doesNotLogInAfterClose() {
    try (RecordingProxy proxy = RecordingProxy.before(server)) {
      VaultConnection connection =
          VaultConnection.to(
              VaultTestConnection.settings(proxy.uri()), appRole(Map.of("token_ttl", "1h")));
      assertThat(connection.get(mount + "/data/nothing").status()).isEqualTo(404);

      connection.close();

      assertThatExceptionOfType(LatchkeyException.class)
          .isThrownBy(() -> connection.get(mount + "/data/nothing"))
          .withMessage("Vault is no longer available: the application has stopped");
      assertThat(proxy.requests()).filteredOn(it -> it.endsWith("/login")).hasSize(1);
      assertThat(proxy.requests()).last().isEqualTo("POST /v1/auth/token/revoke-self");
    }
  }

  @Test
  void revokesTheTokenOfALoginDuringClose() {
    try (RecordingProxy proxy = RecordingProxy.before(server)) {
      VaultConnection connection =
          VaultConnection.to(
              VaultTestConnection.settings(proxy.uri()), appRole(Map.of("token_ttl", "1h")));
      proxy.answerAfter(Duration.ofSeconds(1));
      CompletableFuture<VaultAnswer> reading =
          CompletableFuture.supplyAsync(() -> connection.get(mount + "/data/nothing"));
      await().until(() -> proxy.requests().stream().anyMatch(it -> it.endsWith("/login")));

      connection.close();

      assertThat(reading)
          .failsWithin(Duration.ofSeconds(5))
          .withThrowableThat()
          .havingRootCause()
          .withMessage("Vault is no longer available: the application has stopped");
      assertThat(proxy.requests()).last().isEqualTo("POST /v1/auth/token/revoke-self");
    }
  }

  /** The result of reading for a while. */
  private record Course(List<String> failures, long logins, long renewals, long refusals) {}

  private CompletableFuture<Course> course(
      Function<RestOperations, ClientAuthentication> authentication) {
    return CompletableFuture.supplyAsync(
        () -> {
          try (RecordingProxy proxy = RecordingProxy.before(server);
              VaultConnection connection =
                  VaultConnection.to(VaultTestConnection.settings(proxy.uri()), authentication)) {
            List<String> failures = new ArrayList<>();
            Instant end = Instant.now().plus(LASTING);
            await()
                .atMost(LASTING.plusSeconds(20))
                .pollInterval(Duration.ofMillis(50))
                .until(
                    () -> {
                      VaultAnswer answer = connection.get(mount + "/data/a");
                      if (answer.status() != 200) {
                        failures.add(answer.toString());
                      }
                      return Instant.now().isAfter(end);
                    });
            return new Course(
                failures,
                proxy.requests().stream().filter(it -> it.endsWith("/login")).count(),
                proxy.requests().stream().filter(it -> it.endsWith("/renew-self")).count(),
                proxy.tokenLookUps());
          }
        },
        task -> new Thread(task).start());
  }

  private Function<RestOperations, ClientAuthentication> appRole(Map<String, ?> settings) {
    return appRole(settings, policy);
  }

  /** Allows a token to read, but not to renew itself. */
  private String bare() {
    return server.policy("path \"%s/*\" { capabilities = [\"read\"] }".formatted(mount));
  }

  private Function<RestOperations, ClientAuthentication> appRole(
      Map<String, ?> settings, String policy) {
    if (!server.get("sys/auth").has("approle/")) {
      server.post("sys/auth/approle", Map.of("type", "approle"));
    }
    String role = "auth/approle/role/" + server.newName("role");
    Map<String, Object> body = new HashMap<>(settings);
    body.put("token_policies", policy);
    server.post(role, body);
    String roleId = server.get(role + "/role-id").at("/data/role_id").stringValue();
    String secretId =
        server.post(role + "/secret-id", Map.of()).at("/data/secret_id").stringValue();
    return new VaultTestConnection.AppRole(roleId, secretId);
  }

  private String token(Map<String, ?> settings) {
    Map<String, Object> body = new HashMap<>(settings);
    body.put("policies", List.of(policy));
    return server.post("auth/token/create", body).at("/auth/client_token").stringValue();
  }

  private static void write(Path file, String text) {
    try {
      Files.writeString(file, text);
    } catch (IOException ex) {
      throw new UncheckedIOException(ex);
    }
  }
}
