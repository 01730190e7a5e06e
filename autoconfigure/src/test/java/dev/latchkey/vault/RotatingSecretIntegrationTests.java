package dev.latchkey.vault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.latchkey.database.DatabaseSecrets;
import dev.latchkey.database.PostgresServer;
import dev.latchkey.secret.RotatingSecret;
import dev.latchkey.secret.RotatingSecrets;
import dev.latchkey.secret.SecretEvent;
import dev.latchkey.secret.SecretEvent.SecretRotated;
import dev.latchkey.secret.SecretKind;
import dev.latchkey.secret.SecretReference;
import dev.latchkey.secret.SecretVersion;
import dev.latchkey.test.BaoServer;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class RotatingSecretIntegrationTests {

  private static final Duration INTERVAL = Duration.ofMillis(500);

  private final BaoServer server = BaoServer.shared();
  private final PostgresServer database = PostgresServer.shared();
  private final VaultConnection connection = VaultTestConnection.root(server);
  private final List<SecretEvent> events = new CopyOnWriteArrayList<>();
  private final RotatingSecrets secrets =
      new RotatingSecrets(
          () -> new VaultSecretSource(connection).rotating(),
          INTERVAL,
          Executors.newScheduledThreadPool(2),
          Clock.systemUTC(),
          events::add);

  @AfterEach
  void close() {
    secrets.close();
    connection.close();
  }

  private RotatingSecret at(String path) {
    return secrets.at(new SecretReference(path, null, null, null));
  }

  @Test
  void followsAVersionedValue() {
    String path = server.mountKv(2) + "/payments";
    put(path, "first");
    RotatingSecret secret = at(path);
    List<SecretVersion> told = new CopyOnWriteArrayList<>();
    secret.onRotation(told::add);
    assertThat(secret.get("api-key")).isEqualTo("first");
    assertThat(secret.current().version()).isEqualTo(1);

    put(path, "second");

    await().until(() -> secret.get("api-key").equals("second"));
    assertThat(secret.previous()).map(version -> version.get("api-key")).contains("first");
    assertThat(told).containsExactly(secret.current());
    assertThat(events).containsExactly(new SecretRotated(secret.name(), SecretKind.KV, 2, 1));
  }

  private void put(String path, String value) {
    String data = path.replaceFirst("/", "/data/");
    server.post(data, Map.of("data", Map.of("api-key", value)));
  }

  @Test
  void replacesCredentialsBeforeTheyEndAndRevokesThoseBefore() throws SQLException {
    DatabaseSecrets engine = DatabaseSecrets.mount(server, database);
    RotatingSecret secret = at(engine.role(Duration.ofSeconds(2), Duration.ofSeconds(6)));
    SecretVersion first = secret.current();
    connect(first).close();

    await().atMost(Duration.ofSeconds(10)).until(() -> secret.current() != first);

    connect(first).close();
    connect(secret.current()).close();
    assertThat(secret.previous()).contains(first);
    assertThat(secret.overlap()).isBetween(Duration.ofMillis(1500), Duration.ofSeconds(30));
    await().until(() -> secret.previous().isEmpty());
    assertThatThrownBy(() -> connect(first)).isInstanceOf(SQLException.class);
    connect(secret.current()).close();
    SecretVersion last = secret.current();
    secrets.close();
    assertThatThrownBy(() -> connect(last)).isInstanceOf(SQLException.class);
  }

  private Connection connect(SecretVersion credentials) throws SQLException {
    return database.connect(credentials.get("username"), credentials.get("password"));
  }
}
