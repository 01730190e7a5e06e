package dev.latchkey.hikari;

import com.zaxxer.hikari.HikariCredentialsProvider;
import com.zaxxer.hikari.util.Credentials;
import dev.latchkey.secret.RotatingSecret;
import java.io.PrintWriter;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.time.Duration;
import java.util.logging.Logger;
import javax.sql.DataSource;

/**
 * Opens a pool's connections. Where the database refuses the password, the secret is asked for a
 * newer one and the connection is opened with that, so that the pool sees no failure; not even the
 * first one, which would stop the start.
 */
final class RotatingDataSource implements DataSource {

  /** How long a connection waits for the secret's store. */
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  /**
   * A server that changes a password cannot change it in the database and in its own storage at
   * once: the second question comes after that instant.
   */
  private static final int QUESTIONS = 2;

  private final DataSource target;
  private final RotatingSecret secret;
  private final HikariCredentialsProvider credentials;

  RotatingDataSource(
      DataSource target, RotatingSecret secret, HikariCredentialsProvider credentials) {
    this.target = target;
    this.secret = secret;
    this.credentials = credentials;
  }

  @Override
  public Connection getConnection() throws SQLException {
    return open(credentials.getCredentials());
  }

  @Override
  public Connection getConnection(String username, String password) throws SQLException {
    return open(Credentials.of(username, password));
  }

  private Connection open(Credentials first) throws SQLException {
    Credentials used = first;
    for (int refused = 0; ; ) {
      try {
        Connection connection = target.getConnection(used.getUsername(), used.getPassword());
        Credentials newest = newest(connection);
        if (same(used, newest)) {
          return connection;
        }
        connection.close(); // nobody else would: the pool does not know it yet
        used = newest;
      } catch (SQLException ex) {
        if (!Refusals.isOfLogin(ex) || refused++ == QUESTIONS) {
          throw ex;
        }
        used = newerThan(used);
      }
    }
  }

  private Credentials newest(Connection opened) throws SQLException {
    try {
      return credentials.getCredentials();
    } catch (RuntimeException ex) {
      opened.close();
      throw ex;
    }
  }

  private Credentials newerThan(Credentials refused) {
    Credentials newest = credentials.getCredentials();
    if (same(refused, newest)) {
      secret.refresh(PATIENCE);
      newest = credentials.getCredentials();
    }
    return newest;
  }

  private static boolean same(Credentials one, Credentials other) {
    return one.getUsername().equals(other.getUsername())
        && one.getPassword().equals(other.getPassword());
  }

  @Override
  public PrintWriter getLogWriter() throws SQLException {
    return target.getLogWriter();
  }

  @Override
  public void setLogWriter(PrintWriter out) throws SQLException {
    target.setLogWriter(out);
  }

  @Override
  public void setLoginTimeout(int seconds) throws SQLException {
    target.setLoginTimeout(seconds);
  }

  @Override
  public int getLoginTimeout() throws SQLException {
    return target.getLoginTimeout();
  }

  @Override
  public Logger getParentLogger() throws SQLFeatureNotSupportedException {
    return target.getParentLogger();
  }

  @Override
  public <T> T unwrap(Class<T> type) throws SQLException {
    return type.isInstance(target) ? type.cast(target) : target.unwrap(type);
  }

  @Override
  public boolean isWrapperFor(Class<?> type) throws SQLException {
    return type.isInstance(target) || target.isWrapperFor(type);
  }
}
