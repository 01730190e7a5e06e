package dev.latchkey.hikari;

import java.io.PrintWriter;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Logger;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** Takes one password, and tells which connections were closed. */
final class FakeDatabase implements DataSource {

  final List<String> attempts = new CopyOnWriteArrayList<>();
  final List<Connection> closed = new CopyOnWriteArrayList<>();
  volatile String password = "first";
  volatile @Nullable SQLException failure;
  volatile Runnable whenConnected = () -> {};

  @Override
  public Connection getConnection(String username, String given) throws SQLException {
    attempts.add(username + ":" + given);
    if (failure != null) {
      throw failure;
    }
    if (!given.equals(password)) {
      throw new SQLException("password authentication failed", "28P01");
    }
    whenConnected.run();
    return connection();
  }

  private Connection connection() {
    return (Connection)
        Proxy.newProxyInstance(
            Connection.class.getClassLoader(),
            new Class<?>[] {Connection.class},
            (proxy, method, arguments) ->
                switch (method.getName()) {
                  case "close" -> {
                    closed.add((Connection) proxy);
                    yield null;
                  }
                  case "equals" -> proxy == arguments[0];
                  case "hashCode" -> System.identityHashCode(proxy);
                  case "toString" -> "connection " + System.identityHashCode(proxy);
                  case "isValid", "getAutoCommit" -> true;
                  case "isReadOnly", "isClosed" -> false;
                  case "getNetworkTimeout", "getTransactionIsolation" -> 0;
                  default -> null;
                });
  }

  @Override
  public Connection getConnection() {
    throw new UnsupportedOperationException();
  }

  @Override
  public PrintWriter getLogWriter() {
    return new PrintWriter(System.out);
  }

  @Override
  public void setLogWriter(PrintWriter out) {}

  @Override
  public void setLoginTimeout(int seconds) {}

  @Override
  public int getLoginTimeout() {
    return 7;
  }

  @Override
  public Logger getParentLogger() {
    return Logger.getGlobal();
  }

  @Override
  public <T> T unwrap(Class<T> type) throws SQLException {
    throw new SQLException("wraps nothing");
  }

  @Override
  public boolean isWrapperFor(Class<?> type) {
    return false;
  }
}
