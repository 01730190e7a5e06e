package dev.latchkey.vault.internal.secret;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.latchkey.LatchkeyException;
import dev.latchkey.follow.internal.Followers;
import dev.latchkey.secret.RotatingSecret;
import dev.latchkey.secret.SecretEvent;
import dev.latchkey.secret.SecretEvent.SecretRotated;
import dev.latchkey.secret.SecretReference;
import dev.latchkey.secret.SecretValue;
import dev.latchkey.secret.SecretValue.Kind;
import dev.latchkey.secret.rotating.internal.RotatingSecrets;
import dev.latchkey.test.BaoServer;
import dev.latchkey.test.internal.RecordingProxy;
import dev.latchkey.test.internal.database.DatabaseSecrets;
import dev.latchkey.test.internal.database.PostgresServer;
import dev.latchkey.vault.internal.client.PolicyLine;
import dev.latchkey.vault.internal.client.ReadProofs;
import dev.latchkey.vault.internal.client.VaultConnection;
import dev.latchkey.vault.internal.client.VaultTestConnection;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class RotatingSecretIntegrationTests {

  private static final Duration INTERVAL = Duration.ofMillis(500);

  private final BaoServer server = BaoServer.shared();
  private final PostgresServer database = PostgresServer.shared();
  private final VaultConnection connection = VaultTestConnection.root(server);
  private final List<SecretEvent> events = new CopyOnWriteArrayList<>();
  private final Followers followers = new Followers(Clock.systemUTC());
  private final RotatingSecrets secrets = secrets(connection);

  @AfterEach
  void close() {
    secrets.close();
    followers.close();
    connection.close();
  }

  private RotatingSecret at(String path) {
    return secrets.at(SecretReference.ofPath(path));
  }

  private RotatingSecrets secrets(VaultConnection connection) {
    return new RotatingSecrets(
        List.of(),
        () -> new VaultSecretSource(connection),
        INTERVAL,
        followers,
        Clock.systemUTC(),
        events::add);
  }

  private void fails(String path, String token, String description, String... action) {
    try (VaultConnection connection = VaultTestConnection.to(server.uri(), token);
        RotatingSecrets secrets = secrets(connection)) {
      assertThatExceptionOfType(LatchkeyException.class)
          .isThrownBy(() -> secrets.at(SecretReference.ofPath(path)))
          .withMessage(
              "Cannot read secret '%s' (vault@%s): %s"
                  .formatted(path.replace('/', '.'), path, description))
          .satisfies(ex -> assertThat(ex.action()).contains(action));
    }
  }

  @Test
  void failsWithTheReasonWhenASecretCannotBeRead() {
    String mount = server.mountKv(2);
    DatabaseSecrets engine = DatabaseSecrets.mount(server, database);
    String vault = connection.toString();
    fails(
        mount + "/nothing",
        server.rootToken(),
        "%s has no secret at %s/nothing".formatted(vault, mount),
        "`vault kv put %s/nothing name=...`".formatted(mount));
    fails(
        mount + "/denied",
        server.token(
            server.policy("path \"%s/data/other\" { capabilities = [\"read\"] }".formatted(mount))),
        "Cannot read %s/denied: permission denied by %s".formatted(mount, vault),
        "path \"%s/data/denied\" { capabilities = [\"read\"] }".formatted(mount));
    fails(
        engine.mount() + "/creds/nobody",
        server.rootToken(),
        "Cannot read %s/creds/nobody: %s returned status 400, unknown role: nobody"
            .formatted(engine.mount(), vault),
        "Check the path");
    fails(
        engine.mount() + "/creds/role",
        server.token(
            server.policy(
                "path \"%s/creds/other\" { capabilities = [\"read\"] }".formatted(engine.mount()))),
        "Cannot read %s/creds/role: permission denied by %s".formatted(engine.mount(), vault),
        "path \"%s/creds/role\" { capabilities = [\"read\"] }".formatted(engine.mount()));
    fails(
        mount,
        server.rootToken(),
        "Cannot read %s: it is a mount in %s, not a path".formatted(mount, vault),
        "Add the path: `vault kv list %s` lists the paths.".formatted(mount));
    String transit = server.mountTransit();
    fails(
        transit + "/encrypt/orders",
        server.rootToken(),
        "Cannot read %1$s/encrypt/orders: the engine at %1$s in %2$s is of type 'transit', which has"
                .formatted(transit, vault)
            + " nothing to read there",
        "Use a path that can be read");
    fails(
        "nowhere/payments",
        server.rootToken(),
        "%s has no secrets engine at nowhere/payments, or the token's policies allow"
                .formatted(vault)
            + " nothing in it",
        "Correct the mount");
  }

  @Test
  void readsOnlyMetadataUntilTheVersionChanges() {
    String path = server.mountKv(2) + "/payments";
    String data = "GET /v1/" + path.replaceFirst("/", "/data/");
    String metadata = "GET /v1/" + path.replaceFirst("/", "/metadata/");
    put(path, "first");
    try (RecordingProxy proxy = RecordingProxy.before(server);
        VaultConnection connection = VaultTestConnection.to(proxy.uri(), server.rootToken());
        RotatingSecrets secrets = secrets(connection)) {
      RotatingSecret secret = secrets.at(SecretReference.ofPath(path));
      await().until(() -> Collections.frequency(proxy.requests(), metadata) >= 3);
      assertThat(Collections.frequency(proxy.requests(), data)).isOne();

      put(path, "second");

      await().until(() -> secret.get("api-key").equals("second"));
      int polls = Collections.frequency(proxy.requests(), metadata);
      await().until(() -> Collections.frequency(proxy.requests(), metadata) > polls + 1);
      assertThat(Collections.frequency(proxy.requests(), data)).isEqualTo(2);
    }
  }

  @Test
  void followsAValueWhenItsMetadataIsDenied() {
    String path = server.mountKv(2) + "/payments";
    put(path, "first");
    String token =
        server.token(
            server.policy(
                "path \"%s\" { capabilities = [\"read\"] }"
                    .formatted(path.replaceFirst("/", "/data/"))));
    try (VaultConnection connection = VaultTestConnection.to(server.uri(), token);
        RotatingSecrets secrets = secrets(connection)) {
      RotatingSecret secret = secrets.at(SecretReference.ofPath(path));

      put(path, "second");

      await().until(() -> secret.get("api-key").equals("second"));
      assertThat(secret.current().version()).isEqualTo(2);
    }
  }

  @Test
  void followsAnUnversionedValue() {
    String path = server.mountKv(1) + "/payments";
    server.post(path, Map.of("api-key", "first"));
    RotatingSecret secret = at(path);

    server.post(path, Map.of("api-key", "second"));

    await().until(() -> secret.get("api-key").equals("second"));
    assertThat(secret.current().version()).isEqualTo(2);
  }

  @Test
  void keepsTheValueAndReportsItWhenItWasDeleted() {
    String path = server.mountKv(2) + "/payments";
    put(path, "first");
    RotatingSecret secret = at(path);

    server.delete(path.replaceFirst("/", "/data/"));

    await().until(() -> secrets.status(secret.name()).orElseThrow().problem() != null);
    assertThat(secrets.status(secret.name()).orElseThrow().problem())
        .contains("Version 1 of " + path + " is deleted", "vault kv undelete");
    assertThat(secret.get("api-key")).isEqualTo("first");
  }

  @Test
  void readsAStaticRoleAtOnceWhenItsPasswordIsRejected() throws SQLException {
    DatabaseSecrets engine = DatabaseSecrets.mount(server, database);
    String path = engine.staticRole(Duration.ofHours(1));
    RotatingSecrets secrets =
        new RotatingSecrets(
            List.of(),
            () -> new VaultSecretSource(connection),
            Duration.ofHours(1),
            followers,
            Clock.systemUTC(),
            events::add);
    RotatingSecret secret = secrets.at(SecretReference.ofPath(path));
    connect(secret.current()).close();
    assertThat(secrets.status(secret.name()).orElseThrow().kind()).isEqualTo(Kind.STATIC_ROLE);

    engine.rotate(path);
    assertThatThrownBy(() -> connect(secret.current())).isInstanceOf(SQLException.class);

    assertThat(secret.refresh(Duration.ofSeconds(10))).isTrue();
    connect(secret.current()).close();
    secrets.close();
  }

  @Test
  void readsAStaticRoleAtItsNextRotation() {
    DatabaseSecrets engine = DatabaseSecrets.mount(server, database);
    RotatingSecrets secrets =
        new RotatingSecrets(
            List.of(),
            () -> new VaultSecretSource(connection),
            Duration.ofHours(1),
            followers,
            Clock.systemUTC(),
            events::add);
    RotatingSecret secret =
        secrets.at(
            SecretReference.ofPath(engine.staticRole(DatabaseSecrets.SHORTEST_ROTATION_PERIOD)));
    String first = secret.get("password");

    await()
        .atMost(Duration.ofSeconds(20))
        .untilAsserted(
            () -> {
              assertThat(secret.get("password")).isNotEqualTo(first);
              connect(secret.current()).close();
            });
    secrets.close();
  }

  @Test
  void replacesCredentialsAtOnceWhenTokenAndLeasesAreRevoked() throws SQLException {
    DatabaseSecrets engine = DatabaseSecrets.mount(server, database);
    String path = engine.role(Duration.ofHours(1), Duration.ofHours(10));
    VaultTestConnection.AppRole role =
        VaultTestConnection.appRole(
            server, "path \"%s\" { capabilities = [\"read\"] }".formatted(path));
    try (VaultConnection connection =
            VaultConnection.to(VaultTestConnection.settings(server.uri()), role);
        RotatingSecrets secrets = secrets(connection)) {
      RotatingSecret secret = secrets.at(SecretReference.ofPath(path));
      SecretValue first = secret.current();
      connect(first).close();
      List<Boolean> hadPrevious = new CopyOnWriteArrayList<>();
      secret.onRotation(next -> hadPrevious.add(secret.previous().isPresent()));

      server.post("auth/token/revoke-accessor", Map.of("accessor", newestAccessor()));
      await()
          .until(
              () -> {
                try {
                  connect(first).close();
                  return false;
                } catch (SQLException ex) {
                  return true;
                }
              });

      assertThat(secret.refresh(Duration.ofSeconds(10))).isTrue();
      connect(secret.current()).close();
      assertThat(hadPrevious).containsExactly(false);
    }
  }

  /** The token expires after six seconds, its leases after an hour: they expire with the token. */
  @Test
  void replacesCredentialsWhenTheLoginOfTheirLeaseExpires() throws SQLException {
    DatabaseSecrets engine = DatabaseSecrets.mount(server, database);
    String path = engine.role(Duration.ofHours(1), Duration.ofHours(10));
    VaultTestConnection.AppRole role =
        VaultTestConnection.appRole(
            server, "path \"%s\" { capabilities = [\"read\"] }".formatted(path), "6s");
    try (VaultConnection connection =
            VaultConnection.to(VaultTestConnection.settings(server.uri()), role);
        RotatingSecrets secrets = secrets(connection)) {
      RotatingSecret secret = secrets.at(SecretReference.ofPath(path));
      SecretValue first = secret.current();
      await().atMost(Duration.ofSeconds(10)).until(() -> secret.current() != first);
      assertThat(secret.previous()).contains(first);
      assertThat(secret.overlap()).isLessThanOrEqualTo(Duration.ofSeconds(2));

      await()
          .atMost(Duration.ofSeconds(10))
          .pollInterval(Duration.ofMillis(20))
          .until(
              () -> {
                try {
                  connect(first).close();
                  return false;
                } catch (SQLException ex) {
                  return true;
                }
              });

      assertThat(secret.previous().filter(first::equals)).isEmpty();
      connect(secret.current()).close();
    }
  }

  @Test
  void requestsNoLeaseAfterClose() {
    DatabaseSecrets engine = DatabaseSecrets.mount(server, database);
    String path = engine.role(Duration.ofHours(1), Duration.ofHours(10));
    RotatingSecret secret = at(path);
    assertThat(engine.leases(path)).hasSize(1);

    secrets.close();

    assertThat(engine.leases(path)).isEmpty();
    assertThatExceptionOfType(LatchkeyException.class)
        .isThrownBy(() -> secrets.rotate(secret.name()))
        .withMessageContaining("the application has stopped");
    assertThatExceptionOfType(LatchkeyException.class)
        .isThrownBy(() -> at(path + "2"))
        .withMessageContaining("the application has stopped");
    assertThat(engine.leases(path)).isEmpty();
  }

  /** Vault grants the lease after the application has stopped. */
  @Test
  void revokesTheLeaseThatWasRequestedDuringClose() {
    DatabaseSecrets engine = DatabaseSecrets.mount(server, database);
    String path = engine.role(Duration.ofHours(1), Duration.ofHours(10));
    try (RecordingProxy proxy = RecordingProxy.before(server);
        VaultConnection connection = VaultTestConnection.to(proxy.uri(), server.rootToken())) {
      RotatingSecrets secrets = secrets(connection);
      RotatingSecret secret = secrets.at(SecretReference.ofPath(path));
      proxy.answerAfter(Duration.ofSeconds(1));
      CompletableFuture<Void> rotating =
          CompletableFuture.runAsync(() -> secrets.rotate(secret.name()));
      await().until(() -> Collections.frequency(proxy.requests(), "GET /v1/" + path) == 2);

      secrets.close();

      assertThat(rotating).succeedsWithin(Duration.ofSeconds(5));
      assertThat(engine.leases(path)).isEmpty();
    }
  }

  /** Both are notified of a login that returns the same token. */
  @Test
  void limitsTheRequestsWhenTheTokenWasRevoked() {
    DatabaseSecrets engine = DatabaseSecrets.mount(server, database);
    String path = engine.role(Duration.ofHours(1), Duration.ofHours(10));
    String token =
        server.token(
            server.policy(
                "path \"%s/creds/*\" { capabilities = [\"read\"] }".formatted(engine.mount())));
    try (RecordingProxy proxy = RecordingProxy.before(server);
        VaultConnection connection = VaultTestConnection.to(proxy.uri(), token);
        RotatingSecrets secrets = secrets(connection)) {
      RotatingSecret one = secrets.at(SecretReference.ofPath(path));
      RotatingSecret other =
          secrets.at(
              SecretReference.ofPath(engine.role(Duration.ofHours(1), Duration.ofHours(10))));
      server.post("auth/token/revoke", Map.of("token", token));

      one.refresh(Duration.ofSeconds(5));
      other.refresh(Duration.ofSeconds(5));

      int asked = proxy.requests().size();
      await()
          .during(Duration.ofSeconds(2))
          .atMost(Duration.ofSeconds(3))
          .until(() -> proxy.requests().size() < asked + 60);
    }
  }

  /** The accessor of this test's login: the only one with a role name. */
  private String newestAccessor() {
    return StreamSupport.stream(
            server.get("auth/token/accessors?list=true").at("/data/keys").spliterator(), false)
        .map(key -> key.stringValue())
        .filter(
            accessor ->
                server
                    .post("auth/token/lookup-accessor", Map.of("accessor", accessor))
                    .at("/data/path")
                    .stringValue()
                    .equals("auth/approle/login"))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void needsOnlyThePolicyLinesOfTheDocumentation() throws SQLException {
    DatabaseSecrets engine = DatabaseSecrets.mount(server, database);
    String credentials = engine.role(Duration.ofSeconds(2), Duration.ofHours(10));
    String value = server.mountKv(2) + "/payments";
    put(value, "first");
    String token =
        server.tokenWithoutDefault(
            server.policy(
                Stream.of(
                        ReadProofs.POLICY,
                        PolicyLine.allowing(value.replaceFirst("/", "/data/"), "read"),
                        PolicyLine.allowing(value.replaceFirst("/", "/metadata/"), "read"),
                        PolicyLine.allowing(credentials, "read"),
                        PolicyLine.allowing("sys/leases/renew", "update"),
                        PolicyLine.allowing("sys/leases/revoke", "update"))
                    .map(PolicyLine::toString)
                    .collect(Collectors.joining("\n"))));
    SecretValue last;
    try (VaultConnection connection = VaultTestConnection.to(server.uri(), token)) {
      RotatingSecrets secrets = secrets(connection);
      RotatingSecret payments = secrets.at(SecretReference.ofPath(value));
      RotatingSecret database = secrets.at(SecretReference.ofPath(credentials));
      last = database.current();
      await()
          .until(
              () ->
                  secrets.status().values().stream()
                      .allMatch(status -> status.counts().refreshes() > 0));
      assertThat(payments.get("api-key")).isEqualTo("first");
      assertThat(events).isEmpty();
      secrets.close();
    }
    assertThatThrownBy(() -> connect(last)).isInstanceOf(SQLException.class);
  }

  @Test
  void letsLeasesExpireWhenRevocationIsDenied() throws SQLException {
    DatabaseSecrets engine = DatabaseSecrets.mount(server, database);
    String path = engine.role(Duration.ofHours(1), Duration.ofHours(10));
    String token =
        server.token(
            "default", server.policy("path \"%s\" { capabilities = [\"read\"] }".formatted(path)));
    SecretValue last;
    try (VaultConnection connection = VaultTestConnection.to(server.uri(), token)) {
      RotatingSecrets secrets = secrets(connection);
      RotatingSecret secret = secrets.at(SecretReference.ofPath(path));
      last = secret.current();
      secrets.close();
    }
    connect(last).close();
  }

  @Test
  void followsAVersionedValue() {
    String path = server.mountKv(2) + "/payments";
    put(path, "first");
    RotatingSecret secret = at(path);
    List<SecretValue> told = new CopyOnWriteArrayList<>();
    secret.onRotation(told::add);
    assertThat(secret.get("api-key")).isEqualTo("first");
    assertThat(secret.current().version()).isEqualTo(1);

    put(path, "second");

    await().until(() -> secret.get("api-key").equals("second"));
    assertThat(secret.previous()).map(version -> version.get("api-key")).contains("first");
    assertThat(told).containsExactly(secret.current());
    assertThat(events).containsExactly(new SecretRotated(secret.name(), Kind.KV, 2, 1));
  }

  private void put(String path, String value) {
    String data = path.replaceFirst("/", "/data/");
    server.post(data, Map.of("data", Map.of("api-key", value)));
  }

  @Test
  void replacesCredentialsBeforeTheyExpireAndRevokesThePreviousOnes() throws SQLException {
    DatabaseSecrets engine = DatabaseSecrets.mount(server, database);
    RotatingSecret secret = at(engine.role(Duration.ofSeconds(2), Duration.ofSeconds(6)));
    SecretValue first = secret.current();
    Instant readAt = secrets.status(secret.name()).orElseThrow().readAt();
    connect(first).close();

    await().atMost(Duration.ofSeconds(10)).until(() -> secret.current() != first);

    assertThat(Duration.between(readAt, secrets.status(secret.name()).orElseThrow().readAt()))
        .isBetween(Duration.ofSeconds(3), Duration.ofSeconds(5));
    connect(first).close();
    connect(secret.current()).close();
    assertThat(secret.previous()).contains(first);
    await().until(() -> secret.previous().isEmpty());
    await()
        .untilAsserted(
            () -> assertThatThrownBy(() -> connect(first)).isInstanceOf(SQLException.class));
    connect(secret.current()).close();
    SecretValue last = secret.current();
    secrets.close();
    assertThatThrownBy(() -> connect(last)).isInstanceOf(SQLException.class);
  }

  private Connection connect(SecretValue credentials) throws SQLException {
    return database.connect(credentials.get("username"), credentials.get("password"));
  }
}
