package dev.latchkey.vault.internal.keyset;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.key.rotation.RotationPolicy;
import dev.latchkey.test.BaoServer;
import dev.latchkey.test.TcpProxy;
import dev.latchkey.test.internal.RecordingProxy;
import dev.latchkey.vault.internal.client.VaultConnection;
import dev.latchkey.vault.internal.client.VaultTestConnection;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Function;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.vault.authentication.ClientAuthentication;
import org.springframework.web.client.RestOperations;

/** An outage of the server fails no operation, and rotation continues afterwards. */
final class VaultTroubleIntegrationTests {

  /** A step is due at every refresh. */
  private static final RotationPolicy ALWAYS_DUE =
      new RotationPolicy(Duration.ZERO, Duration.ZERO, Duration.ZERO, false, null, null, null);

  /** The default refresh interval. */
  private static final Duration PROOF_INTERVAL = Duration.ofMinutes(10);

  private static final Duration REFRESH_INTERVAL = Duration.ofSeconds(1);

  private static BaoServer server;

  /** The clock of read proofs. */
  private final AtomicLong nanoTime = new AtomicLong();

  private String mount = "";
  private String transit = "";

  @BeforeAll
  static void start() {
    server = BaoServer.start();
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @BeforeEach
  void mount() {
    mount = server.mountKv(2);
    transit = server.mountTransit();
  }

  @Test
  void continuesWhileTheServerIsDown() throws Exception {
    try (TcpProxy way = TcpProxy.before(server.uri().getPort())) {
      survives(to(way), way::down, 3, "refused", way::up);
    }
  }

  @Test
  void continuesWhileTheNetworkIsCut() throws Exception {
    try (TcpProxy way = TcpProxy.before(server.uri().getPort())) {
      survives(to(way), way::cut, 3, "connection lost", way::join);
    }
  }

  @Test
  void continuesWhileTheServerIsSealed() throws Exception {
    survives(
        connection(server.uri(), token(server.rootToken())),
        server::seal,
        3,
        "unavailable: sealed",
        server::unseal);
  }

  @Test
  void continuesWhileTheServerHangsForTenSeconds() throws Exception {
    survives(
        connection(server.uri(), token(server.rootToken())),
        server::pause,
        2, // each waits for three seconds twice: for a proof, then for the document
        "response timed out",
        server::resume);
  }

  @Test
  void continuesWhenTheTokenExpiresBeforeItsFileIsReplaced(@TempDir Path directory)
      throws Exception {
    Path file = Files.writeString(directory.resolve("token"), shortToken());
    survives(
        connection(server.uri(), VaultTestConnection.tokenFile(file)),
        () -> server.post("auth/token/revoke", Map.of("token", read(file))),
        2,
        "rejected the token",
        () -> write(file, server.token(policy())));
  }

  @Test
  void readsTheFileAgainWhenANonRenewableTokenExpires(@TempDir Path directory) throws Exception {
    Path file = Files.writeString(directory.resolve("token"), shortToken());
    try (VaultInstance instance =
            instance(connection(server.uri(), VaultTestConnection.tokenFile(file)));
        Load load = new Load(instance.aead())) {
      String next = server.token(policy());
      String first = read(file);
      write(file, next);
      VaultInstance.await(
          () -> server.exchange(first, "GET", "auth/token/lookup-self", null).statusCode() == 403);

      long generation = instance.generation();
      instance.rotator().refresh();

      assertThat(instance.rotator().status().problem()).isNull();
      assertThat(instance.generation()).isEqualTo(generation + 1);
      load.goesOn();
    }
  }

  @Test
  void logsInOnceForAllRequestsWhenTheTokenIsRevoked() throws Exception {
    try (RecordingProxy proxy = RecordingProxy.before(server)) {
      VaultConnection connection = connection(proxy.uri(), appRole("1h"));
      List<VaultInstance> instances = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        mount = server.mountKv(2);
        instances.add(instance(connection));
      }
      try (Load load = new Load(instances.get(0).aead())) {
        server.post("sys/leases/revoke-prefix/auth/approle/login", Map.of());
        List<Long> generations = instances.stream().map(VaultInstance::generation).toList();

        atOnce(instances, instance -> instance.rotator().refresh());

        assertThat(instances)
            .allSatisfy(it -> assertThat(it.rotator().status().problem()).isNull());
        assertThat(instances)
            .extracting(VaultInstance::generation)
            .isEqualTo(generations.stream().map(it -> it + 1).toList());
        assertThat(proxy.requests()).filteredOn(it -> it.contains("/login")).hasSize(2);
        load.goesOn();
      }
      connection.close();
    }
  }

  @Test
  void continuesWhenTheTokenIsRevokedAndTheLoginIsRejected() throws Exception {
    try (VaultInstance instance = instance(connection(server.uri(), appRole("1h")));
        Load load = new Load(instance.aead())) {
      server.delete("sys/auth/approle");

      for (int i = 0; i < 2; i++) {
        instance.rotator().refresh();
        assertThat(instance.rotator().status().problem()).contains("rejected the login");
      }
      load.goesOn();
    }
  }

  @Test
  void logsInAgainBeforeANonRenewableTokenExpires() throws Exception {
    try (RecordingProxy proxy = RecordingProxy.before(server);
        VaultInstance instance = instance(connection(proxy.uri(), appRole("2s")));
        Load load = new Load(instance.aead())) {
      VaultInstance.await(
          () -> {
            long generation = instance.generation();
            instance.rotator().refresh();
            assertThat(instance.rotator().status().problem()).isNull();
            assertThat(instance.generation()).isEqualTo(generation + 1);
            return logins(proxy) >= 3;
          });
      load.goesOn();
    }
  }

  private static long logins(RecordingProxy proxy) {
    return proxy.requests().stream().filter(it -> it.contains("/login")).count();
  }

  /**
   * Refreshes fail during the outage, while a new proof becomes due, and succeed at the latest with
   * the second one after it.
   */
  private void survives(
      VaultConnection connection, Runnable trouble, int refreshes, String problem, Runnable remedy)
      throws Exception {
    try (VaultInstance instance = instance(connection);
        Load load = new Load(instance.aead())) {
      instance.rotator().refresh();
      long generation = instance.generation();
      load.goesOn();

      trouble.run();
      pass(PROOF_INTERVAL);
      for (int i = 0; i < refreshes; i++) {
        refresh(instance);
        assertThat(instance.rotator().status().problem()).contains(problem);
        load.goesOn();
      }
      assertThat(instance.generation()).isEqualTo(generation);

      remedy.run();
      refresh(instance);
      refresh(instance);
      assertThat(instance.rotator().status().problem()).isNull();
      assertThat(instance.generation()).isGreaterThan(generation);
      load.goesOn();
    }
  }

  private void refresh(VaultInstance instance) {
    pass(REFRESH_INTERVAL.multipliedBy(4).dividedBy(5)); // with maximum jitter
    instance.rotator().refresh();
  }

  private void pass(Duration time) {
    nanoTime.addAndGet(time.toNanos());
  }

  private VaultInstance instance(VaultConnection connection) {
    return VaultInstance.of(connection, mount, transit, ALWAYS_DUE, Duration.ofHours(12)).opened();
  }

  private VaultConnection to(TcpProxy way) {
    return connection(URI.create("http://127.0.0.1:" + way.port()), token(server.rootToken()));
  }

  private VaultConnection connection(
      URI uri, Function<RestOperations, ClientAuthentication> authentication) {
    return VaultConnection.to(
        VaultTestConnection.settings(uri, PROOF_INTERVAL, REFRESH_INTERVAL.dividedBy(2)),
        authentication,
        nanoTime::get);
  }

  private static Function<RestOperations, ClientAuthentication> token(String token) {
    return VaultTestConnection.token(token);
  }

  private String shortToken() {
    return server
        .post(
            "auth/token/create",
            Map.of("policies", List.of(policy()), "renewable", false, "explicit_max_ttl", "3s"))
        .at("/auth/client_token")
        .stringValue();
  }

  private Function<RestOperations, ClientAuthentication> appRole(String longest) {
    return VaultTestConnection.appRole(server, allowAll(), longest);
  }

  private String policy() {
    return server.policy(allowAll());
  }

  private static String allowAll() {
    return "path \"*\" { capabilities = [\"create\", \"read\", \"update\"] }";
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException ex) {
      throw new UncheckedIOException(ex);
    }
  }

  private static void write(Path file, String token) {
    try {
      Files.writeString(file, token);
    } catch (IOException ex) {
      throw new UncheckedIOException(ex);
    }
  }

  private static void atOnce(List<VaultInstance> instances, Consumer<VaultInstance> action)
      throws Exception {
    ExecutorService executor = Executors.newFixedThreadPool(instances.size());
    try {
      List<Future<?>> calls = new ArrayList<>();
      instances.forEach(it -> calls.add(executor.submit(() -> action.accept(it))));
      for (Future<?> call : calls) {
        call.get();
      }
    } finally {
      executor.shutdownNow();
    }
  }
}
