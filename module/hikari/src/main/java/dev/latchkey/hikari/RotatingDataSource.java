package dev.latchkey.hikari;

import dev.latchkey.client.RotatingCredentials;
import dev.latchkey.client.UsernamePassword;
import java.io.PrintWriter;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.util.logging.Logger;
import javax.sql.DataSource;

/**
 * Opens a pool's connections. If the database rejects the password, the pool sees no failure as
 * long as newer credentials work. Even its first failure would prevent startup.
 */
final class RotatingDataSource implements DataSource {

  private final DataSource target;
  private final RotatingCredentials credentials;

  RotatingDataSource(DataSource target, RotatingCredentials credentials) {
    this.target = target;
    this.credentials = credentials;
  }

  @Override
  public Connection getConnection() throws SQLException {
    while (true) {
      Opened opened = credentials.login(this::open, AuthenticationErrors::rejectsLogin);
      if (opened.isCurrent(credentials)) {
        return opened.connection;
      }
      opened.connection.close(); // rotated meanwhile, and the pool does not know the connection yet
    }
  }

  private Opened open(UsernamePassword used) throws SQLException {
    return new Opened(target.getConnection(used.username(), used.password()), used);
  }

  /** HikariCP passes the credentials that its provider gave a moment ago; they may have rotated. */
  @Override
  public Connection getConnection(String username, String password) throws SQLException {
    return getConnection();
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

  private record Opened(Connection connection, UsernamePassword used) {

    boolean isCurrent(RotatingCredentials credentials) throws SQLException {
      try {
        return used.equals(credentials.current());
      } catch (RuntimeException ex) {
        connection.close();
        throw ex;
      }
    }
  }
}
