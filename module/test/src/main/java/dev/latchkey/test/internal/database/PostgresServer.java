package dev.latchkey.test.internal.database;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;

/**
 * A real PostgreSQL on a free port of the loopback interface, with one table, {@code orders}, that
 * members of {@link #READERS} may read. All users but its superuser need a password. It stops with
 * {@link #close()}, or with the JVM, even if the JVM is killed.
 */
public final class PostgresServer implements AutoCloseable {

  /** The role that may read the table. */
  public static final String READERS = "readers";

  static final String SUPERUSER = "postgres";

  private static final String WHO_MAY_COME_IN =
      """
      local all all reject
      host all %s 127.0.0.1/32 trust
      host all all 127.0.0.1/32 scram-sha-256
      """
          .formatted(SUPERUSER);

  /** Stops the server when standard input ends, which a killed JVM cannot prevent. */
  private static final String WATCH = "cat >/dev/null; kill -QUIT \"$0\"";

  private final EmbeddedPostgres postgres;
  private final Process watcher;

  private PostgresServer(EmbeddedPostgres postgres, Process watcher) {
    this.postgres = postgres;
    this.watcher = watcher;
  }

  /** Starts a server and waits until it responds. */
  public static PostgresServer start() {
    try {
      Path data = Files.createTempDirectory("postgres");
      EmbeddedPostgres postgres =
          EmbeddedPostgres.builder()
              .setDataDirectory(data)
              .setDataDirectoryCustomizer(PostgresServer::lock)
              .setPGStartupWait(Duration.ofSeconds(60))
              .start();
      String pid = Files.readAllLines(data.resolve("postmaster.pid")).get(0);
      PostgresServer server =
          new PostgresServer(postgres, new ProcessBuilder("sh", "-c", WATCH, pid).start());
      server.execute("CREATE ROLE " + READERS);
      server.execute("CREATE TABLE orders (id int PRIMARY KEY, item text)");
      server.execute("INSERT INTO orders SELECT n, 'item ' || n FROM generate_series(1, 100) n");
      server.execute("GRANT SELECT ON orders TO " + READERS);
      return server;
    } catch (IOException ex) {
      throw new UncheckedIOException(ex);
    }
  }

  private static void lock(File data) {
    try {
      Files.writeString(data.toPath().resolve("pg_hba.conf"), WHO_MAY_COME_IN);
    } catch (IOException ex) {
      throw new UncheckedIOException(ex);
    }
  }

  /** The server that all tests of this JVM share. It runs as long as the JVM. */
  public static PostgresServer shared() {
    return Shared.SERVER;
  }

  public int port() {
    return postgres.getPort();
  }

  /** The URL, without a user. */
  public String url() {
    return "jdbc:postgresql://127.0.0.1:%d/postgres".formatted(port());
  }

  /** Runs a statement as the superuser. */
  public void execute(String sql) {
    try (Connection connection = connect(SUPERUSER, "");
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    } catch (SQLException ex) {
      throw new IllegalStateException(ex);
    }
  }

  /** Whether a user exists, with or without a password. */
  public boolean hasUser(String name) {
    try (Connection connection = connect(SUPERUSER, "");
        PreparedStatement statement =
            connection.prepareStatement("SELECT 1 FROM pg_roles WHERE rolname = ?")) {
      statement.setString(1, name);
      return statement.executeQuery().next();
    } catch (SQLException ex) {
      throw new IllegalStateException(ex);
    }
  }

  /** Opens a session of a user. */
  public Connection connect(String user, String password) throws SQLException {
    return DriverManager.getConnection(url(), user, password);
  }

  @Override
  public void close() {
    watcher.destroyForcibly();
    try {
      postgres.close();
    } catch (IOException ex) {
      throw new UncheckedIOException(ex);
    }
  }

  @Override
  public String toString() {
    return "database at " + url();
  }

  private static final class Shared {
    static final PostgresServer SERVER = start();
  }
}
