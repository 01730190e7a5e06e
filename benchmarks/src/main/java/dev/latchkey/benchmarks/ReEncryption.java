package dev.latchkey.benchmarks;

import static java.nio.charset.StandardCharsets.UTF_8;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import com.google.crypto.tink.Aead;
import com.google.crypto.tink.RegistryConfiguration;
import com.zaxxer.hikari.HikariDataSource;
import dev.latchkey.reencryption.JdbcColumn;
import dev.latchkey.reencryption.Progress;
import dev.latchkey.reencryption.Reencryption;
import dev.latchkey.test.internal.RotatingKeyset;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.security.GeneralSecurityException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import javax.sql.DataSource;
import org.slf4j.LoggerFactory;

/**
 * Re-encrypts a column in PostgreSQL with Latchkey, and with a hand-written loop that uses only
 * Tink and JDBC. Prints rows per second, their ratio, and the heap in use during a run.
 */
public final class ReEncryption {

  private static final int BATCH = 500;
  private static final byte[] PLAINTEXT = new byte[64];

  private final RotatingKeyset keyset = new RotatingKeyset("AES256_GCM");
  private final DataSource dataSource;
  private final int rows;

  private ReEncryption(DataSource dataSource, int rows) {
    this.dataSource = dataSource;
    this.rows = rows;
  }

  /** Runs with the arguments {@code rows} (default: one million) and {@code times} (default: 3). */
  public static void main(String[] args) throws Exception {
    ((Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME)).setLevel(Level.WARN);
    int rows = args.length > 0 ? Integer.parseInt(args[0]) : 1_000_000;
    int times = args.length > 1 ? Integer.parseInt(args[1]) : 3;
    try (EmbeddedPostgres postgres =
            EmbeddedPostgres.builder().setPGStartupWait(Duration.ofSeconds(60)).start();
        HikariDataSource pool = new HikariDataSource()) {
      pool.setJdbcUrl(postgres.getJdbcUrl("postgres", "postgres"));
      new ReEncryption(pool, rows).run(times);
    }
  }

  private void run(int times) throws Exception {
    execute("create table customer (id bigint primary key, iban bytea not null)");
    fill();
    List<Double> byHand = new ArrayList<>();
    List<Double> ours = new ArrayList<>();
    for (int i = 0; i <= times; i++) {
      double hand = rowsPerSecond(this::byHand);
      double we = rowsPerSecond(this::ours);
      System.out.printf(
          Locale.ROOT,
          "%s by hand %,.0f, Latchkey %,.0f rows/s%n",
          i == 0 ? "warm-up" : "",
          hand,
          we);
      if (i > 0) {
        byHand.add(hand);
        ours.add(we);
      }
    }
    System.out.printf(
        Locale.ROOT,
        "%,d rows: by hand %,.0f rows/s, Latchkey %,.0f rows/s, ratio %.2f%n",
        rows,
        median(byHand),
        median(ours),
        median(ours) / median(byHand));
    memory();
  }

  private void fill() throws Exception {
    Aead aead = keyset.aead();
    try (Connection connection = dataSource.getConnection();
        PreparedStatement insert =
            connection.prepareStatement("insert into customer values (?, ?)")) {
      connection.setAutoCommit(false);
      for (long id = 1; id <= rows; id++) {
        insert.setLong(1, id);
        insert.setBytes(2, aead.encrypt(PLAINTEXT, associatedData(id)));
        insert.addBatch();
        if (id % 10_000 == 0 || id == rows) {
          insert.executeBatch();
          connection.commit();
        }
      }
    }
  }

  private double rowsPerSecond(Task task) throws Exception {
    keyset.rotate();
    execute("vacuum analyze customer");
    long start = System.nanoTime();
    long renewed = task.run();
    double seconds = (System.nanoTime() - start) / 1e9;
    if (renewed != rows) {
      throw new IllegalStateException(renewed + " rows were re-encrypted");
    }
    return rows / seconds;
  }

  private long ours() {
    return reencryption().run().reencrypted();
  }

  private Reencryption<Long> reencryption() {
    return Reencryption.of(
            keyset.reencryptor(),
            JdbcColumn.of(dataSource, "customer", "id", Long.class, "iban")
                .withAssociatedData(ReEncryption::associatedData))
        .withBatch(BATCH);
  }

  /** Re-encrypts without Latchkey. This loop cannot be stopped and does not check key ids. */
  private long byHand() throws Exception {
    Aead aead =
        keyset
            .registry()
            .snapshot("orders")
            .handle()
            .getPrimitive(RegistryConfiguration.get(), Aead.class);
    long renewed = 0;
    long last = 0;
    try (Connection connection = dataSource.getConnection();
        PreparedStatement select =
            connection.prepareStatement(
                "select id, iban from customer where id > ? order by id limit " + BATCH);
        PreparedStatement update =
            connection.prepareStatement("update customer set iban = ? where id = ? and iban = ?")) {
      connection.setAutoCommit(false);
      while (true) {
        select.setLong(1, last);
        int found = 0;
        try (ResultSet row = select.executeQuery()) {
          while (row.next()) {
            found++;
            last = row.getLong(1);
            byte[] old = row.getBytes(2);
            update.setBytes(1, renewed(old, last, aead));
            update.setLong(2, last);
            update.setBytes(3, old);
            update.addBatch();
          }
        }
        if (found == 0) {
          return renewed;
        }
        for (int count : update.executeBatch()) {
          renewed += count;
        }
        connection.commit();
      }
    }
  }

  private static byte[] renewed(byte[] old, long id, Aead aead) throws GeneralSecurityException {
    return aead.encrypt(aead.decrypt(old, associatedData(id)), associatedData(id));
  }

  /** Prints the heap in use after garbage collection, at each tenth of a run. */
  private void memory() {
    keyset.rotate();
    List<String> used = new ArrayList<>();
    used.add("start " + usedHeap());
    int[] tenth = {1};
    reencryption()
        .onProgress(
            progress -> {
              if (progress.read() * 10 >= (long) rows * tenth[0]) {
                used.add(percent(progress) + " " + usedHeap());
                tenth[0]++;
              }
            })
        .run();
    System.out.println("Heap in use after garbage collection: " + String.join(", ", used));
  }

  private String percent(Progress<Long> progress) {
    return progress.read() * 100 / rows + "%";
  }

  private static String usedHeap() {
    System.gc();
    Runtime runtime = Runtime.getRuntime();
    return (runtime.totalMemory() - runtime.freeMemory()) / 1024 / 1024 + " MiB";
  }

  private static byte[] associatedData(long id) {
    return ("customer " + id).getBytes(UTF_8);
  }

  private static double median(List<Double> values) {
    return values.stream().sorted().skip(values.size() / 2).findFirst().orElseThrow();
  }

  private void execute(String sql) throws SQLException {
    try (Connection connection = dataSource.getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  @FunctionalInterface
  private interface Task {
    long run() throws Exception;
  }
}
