package dev.latchkey.test.internal.database;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import javax.sql.DataSource;

/** Threads that read the table in consecutive transactions of the same length. */
public final class Transactions implements AutoCloseable {

  private static final int THREADS = 4;
  private static final long PAUSE = TimeUnit.MILLISECONDS.toNanos(20);

  private final DataSource dataSource;
  private final long length;
  private final List<Thread> threads;
  private final AtomicInteger committed = new AtomicInteger();
  private final Queue<Exception> failures = new ConcurrentLinkedQueue<>();
  private volatile boolean ended;

  private Transactions(DataSource dataSource, Duration length) {
    this.dataSource = dataSource;
    this.length = length.toNanos();
    this.threads =
        IntStream.range(0, THREADS)
            .mapToObj(i -> new Thread(() -> work(i), "transactions"))
            .toList();
  }

  public static Transactions start(DataSource dataSource, Duration length) {
    Transactions transactions = new Transactions(dataSource, length);
    transactions.threads.forEach(Thread::start);
    return transactions;
  }

  private void work(int number) {
    LockSupport.parkNanos(number * length / THREADS); // they begin one after another
    while (!ended) {
      try {
        transact();
        committed.incrementAndGet();
      } catch (SQLException | RuntimeException ex) {
        failures.add(ex);
      }
    }
  }

  private void transact() throws SQLException {
    try (Connection connection = dataSource.getConnection()) {
      connection.setAutoCommit(false);
      long begun = System.nanoTime();
      do {
        TableReaders.read(connection);
        LockSupport.parkNanos(PAUSE);
      } while (System.nanoTime() - begun < length);
      TableReaders.read(connection);
      connection.commit();
    }
  }

  public int committed() {
    return committed.get();
  }

  public Queue<Exception> failures() {
    return failures;
  }

  /** Waits until the open transactions have ended. */
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
}
