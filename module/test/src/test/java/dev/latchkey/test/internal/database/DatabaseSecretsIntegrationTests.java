package dev.latchkey.test.internal.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.latchkey.test.BaoServer;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

final class DatabaseSecretsIntegrationTests {

  private final BaoServer server = BaoServer.shared();
  private final PostgresServer database = PostgresServer.shared();
  private final DatabaseSecrets secrets = DatabaseSecrets.mount(server, database);

  @Test
  void openSessionCanReadNoMoreWhenTheLeaseIsRevoked() throws SQLException {
    JsonNode credentials =
        server.get(secrets.role(Duration.ofSeconds(60), Duration.ofSeconds(120)));
    assertThat(credentials.path("lease_duration").asInt()).isEqualTo(60);
    try (Connection session = connect(credentials)) {
      assertThat(count(session, "SELECT count(*) FROM orders")).isEqualTo(100);

      server.post(
          "sys/leases/revoke",
          Map.of("lease_id", credentials.path("lease_id").stringValue(), "sync", true));

      assertThatExceptionOfType(SQLException.class)
          .isThrownBy(() -> count(session, "SELECT count(*) FROM orders"))
          .withMessageContaining("permission denied for table orders");
      assertThat(count(session, "SELECT 1")).isOne();
    }
  }

  @Test
  void oldPasswordIsRefusedAtOnceWhenItIsRotated() throws SQLException {
    String path = secrets.staticRole(Duration.ofHours(1));
    JsonNode old = server.get(path);
    connect(old).close();

    secrets.rotate(path);

    assertThatExceptionOfType(SQLException.class)
        .isThrownBy(() -> connect(old))
        .satisfies(ex -> assertThat(ex.getSQLState()).isEqualTo("28P01"));
    connect(server.get(path)).close();
  }

  private Connection connect(JsonNode credentials) throws SQLException {
    return database.connect(
        credentials.at("/data/username").stringValue(),
        credentials.at("/data/password").stringValue());
  }

  private static int count(Connection session, String sql) throws SQLException {
    try (Statement statement = session.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      rows.next();
      return rows.getInt(1);
    }
  }
}
