package dev.latchkey.test.internal.database;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import javax.sql.DataSource;

/**
 * Four threads that read the table continuously, each read on its own connection from the pool.
 * They read the table, since an old session still answers {@code SELECT 1} when its user is gone.
 */
public final class TableReaders implements AutoCloseable {

  private static final int THREADS = 4;
  private static final long PAUSE = TimeUnit.MILLISECONDS.toNanos(5);

  private final DataSource dataSource;
  private final List<Thread> threads;
  private final Report report = new Report();
  private volatile boolean ended;

  private TableReaders(DataSource dataSource) {
    this.dataSource = dataSource;
    this.threads =
        IntStream.range(0, THREADS).mapToObj(i -> new Thread(this::work, "reader")).toList();
  }

  public static TableReaders start(DataSource dataSource) {
    TableReaders readers = new TableReaders(dataSource);
    readers.threads.forEach(Thread::start);
    return readers;
  }

  private void work() {
    while (!ended) {
      long begun = System.nanoTime();
      try {
        read(dataSource);
        report.succeeded(begun);
      } catch (SQLException | RuntimeException ex) {
        report.failed(ex);
      }
      LockSupport.parkNanos(PAUSE);
    }
  }

  /** One read on its own connection. */
  public static void read(DataSource dataSource) throws SQLException {
    try (Connection connection = dataSource.getConnection()) {
      read(connection);
    }
  }

  /** One read of the table. */
  public static void read(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("SELECT item FROM orders WHERE id = 7")) {
      if (!rows.next()) {
        throw new IllegalStateException("The table is empty");
      }
    }
  }

  /** The database user of a connection that the pool returns now. */
  public static String user(DataSource dataSource) {
    try (Connection connection = dataSource.getConnection()) {
      return connection.getMetaData().getUserName();
    } catch (SQLException ex) {
      throw new IllegalStateException(ex);
    }
  }

  /** What happened so far. */
  public Report report() {
    return report;
  }

  @Override
  public void close() {
    ended = true;
    for (Thread thread : threads) {
      try {
        thread.join();
      } catch (InterruptedException ex) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** How many reads succeeded and failed, and for how long none succeeded. */
  public static final class Report {

    private long reads;
    private long failures;
    private long slowest;
    private long deadSince;
    private long dead;
    private String firstFailure = "";

    private synchronized void succeeded(long begun) {
      long now = System.nanoTime();
      reads++;
      slowest = Math.max(slowest, now - begun);
      if (deadSince != 0) {
        dead += now - deadSince;
        deadSince = 0;
      }
    }

    private synchronized void failed(Exception failure) {
      if (failures++ == 0) {
        firstFailure = failure.toString();
      }
      if (deadSince == 0) {
        deadSince = System.nanoTime();
      }
    }

    public synchronized long reads() {
      return reads;
    }

    public synchronized long failures() {
      return failures;
    }

    /** Total time from each failure to the next success. */
    public synchronized Duration dead() {
      long going = deadSince == 0 ? 0 : System.nanoTime() - deadSince;
      return Duration.ofNanos(dead + going);
    }

    @Override
    public synchronized String toString() {
      return "%d reads, %d failed, %d ms dead, slowest read %d ms%s"
          .formatted(
              reads,
              failures,
              dead().toMillis(),
              TimeUnit.NANOSECONDS.toMillis(slowest),
              firstFailure.isEmpty() ? "" : ", first failure: " + firstFailure);
    }
  }
}
