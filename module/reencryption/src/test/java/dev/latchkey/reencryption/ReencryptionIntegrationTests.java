package dev.latchkey.reencryption;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.google.crypto.tink.Aead;
import dev.latchkey.annotation.RotatingKey;
import dev.latchkey.autoconfigure.RotatingKeyAutoConfiguration;
import dev.latchkey.autoconfigure.key.KeysetAutoConfiguration;
import dev.latchkey.key.live.Reencryptor;
import dev.latchkey.key.rotation.KeyAction;
import dev.latchkey.key.rotation.RotationRefusedException;
import dev.latchkey.key.rotation.internal.RotationService;
import dev.latchkey.key.rotation.internal.Rotator;
import dev.latchkey.test.BaoServer;
import dev.latchkey.test.internal.database.PostgresServer;
import java.security.GeneralSecurityException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.postgresql.ds.PGSimpleDataSource;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** An application whose keys lie on a real server, and whose ciphertexts in a real database. */
final class ReencryptionIntegrationTests {

  private static final int ROWS = 1000;

  private final BaoServer server = BaoServer.shared();
  private final DataSource dataSource = dataSource();

  private final ApplicationContextRunner application =
      new ApplicationContextRunner()
          .withConfiguration(
              AutoConfigurations.of(
                  KeysetAutoConfiguration.class, RotatingKeyAutoConfiguration.class))
          .withPropertyValues(
              "spring.application.name=crm",
              "latchkey.vault.uri=" + server.uri(),
              "latchkey.vault.token=" + server.rootToken(),
              "latchkey.store.vault.mount=" + server.mountKv(2),
              "latchkey.store.vault.transit-mount=" + server.mountTransit(),
              "latchkey.keysets.customers.template=AES256_GCM")
          .withBean(DataSource.class, () -> dataSource)
          .withUserConfiguration(Customers.class);

  private static DataSource dataSource() {
    PGSimpleDataSource dataSource = new PGSimpleDataSource();
    dataSource.setUrl(PostgresServer.shared().url());
    dataSource.setUser("postgres");
    return dataSource;
  }

  @Configuration(proxyBeanMethods = false)
  static class Customers {

    @Bean
    Reencryption<Long> ibans(
        @RotatingKey("customers") Reencryptor customers, DataSource dataSource) {
      return Reencryption.of(
              customers,
              JdbcColumn.of(dataSource, "renewal", "id", Long.class, "iban")
                  .withAssociatedData(Customers::associatedData))
          .withBatch(100);
    }

    static byte[] associatedData(long id) {
      return ("customer " + id).getBytes(UTF_8);
    }
  }

  @BeforeEach
  void create() throws SQLException {
    execute("create table renewal (id bigint primary key, iban bytea not null)");
  }

  @AfterEach
  void drop() throws SQLException {
    execute("drop table renewal");
  }

  @Test
  void allowsDestructionWhenEverythingIsReencrypted() {
    application.run(
        context -> {
          Rotator rotator = rotator(context);
          insertAll(context);
          long old = activeKey(rotator);
          rotator.perform(KeyAction.ROTATE, null, true);

          assertThatExceptionOfType(RotationRefusedException.class)
              .isThrownBy(() -> rotator.perform(KeyAction.SCHEDULE_DESTROY, old, false))
              .withMessageContaining(
                  "%d rows of renewal.iban are still encrypted with key %d".formatted(ROWS, old))
              .satisfies(ex -> assertThat(ex.action()).startsWith("Re-encrypt that data first"));

          Reencryption<Long> ibans = ibans(context);
          Progress<Long> end = ibans.run();

          assertThat(end.reencrypted()).isEqualTo(ROWS);
          assertThat(ibans.countByKey().counts())
              .isEqualTo(Map.of(activeKey(rotator), (long) ROWS));
          assertThat(rotator.perform(KeyAction.SCHEDULE_DESTROY, old, false)).isEmpty();
          assertThatExceptionOfType(RotationRefusedException.class)
              .isThrownBy(() -> rotator.perform(KeyAction.DESTROY, old, false))
              .satisfies(ex -> assertThat(ex.allowedFrom()).isNotNull());
          assertThat(readAll(context)).isEqualTo(inserted());
        });
  }

  @Test
  void losesNothingWhenTheApplicationWritesAndTheKeysetRotates() {
    application.run(
        context -> {
          Rotator rotator = rotator(context);
          insertAll(context);
          rotator.perform(KeyAction.ROTATE, null, true);
          Map<Long, String> written = new ConcurrentHashMap<>();
          AtomicBoolean stop = new AtomicBoolean();
          ExecutorService executor = Executors.newSingleThreadExecutor();
          try {
            Future<?> writer = executor.submit(() -> write(written, stop, context));
            Progress<Long> first =
                ibans(context)
                    .onProgress(
                        progress -> {
                          if (progress.read() == ROWS / 2) {
                            rotator.perform(KeyAction.ROTATE, null, true);
                          }
                        })
                    .run();
            stop.set(true);
            writer.get();
            assertThat(first.failed()).isZero();
          } finally {
            executor.shutdownNow();
          }

          assertThat(ibans(context).run().failed()).isZero();

          assertThat(written).isNotEmpty();
          assertThat(ibans(context).countByKey().counts())
              .isEqualTo(Map.of(activeKey(rotator), (long) ROWS));
          Map<Long, String> expected = inserted();
          expected.putAll(written);
          assertThat(readAll(context)).isEqualTo(expected);
        });
  }

  /** What an application does all the time: it writes rows, each with the key that is active. */
  private Void write(Map<Long, String> written, AtomicBoolean stop, ApplicationContext context)
      throws Exception {
    Random random = new Random(7);
    try (Connection connection = dataSource.getConnection();
        PreparedStatement update =
            connection.prepareStatement("update renewal set iban = ? where id = ?")) {
      for (int i = 0; !stop.get() || i < 100; i++) {
        long id = 1 + random.nextInt(ROWS);
        String text = "written " + i;
        update.setBytes(1, encrypt(text, id, context));
        update.setLong(2, id);
        update.executeUpdate();
        written.put(id, text);
      }
    }
    return null;
  }

  private void insertAll(ApplicationContext context) throws Exception {
    try (Connection connection = dataSource.getConnection();
        PreparedStatement insert =
            connection.prepareStatement("insert into renewal (id, iban) values (?, ?)")) {
      for (long id = 1; id <= ROWS; id++) {
        insert.setLong(1, id);
        insert.setBytes(2, encrypt("iban " + id, id, context));
        insert.addBatch();
      }
      insert.executeBatch();
    }
  }

  private Map<Long, String> readAll(ApplicationContext context) throws Exception {
    Map<Long, String> texts = new HashMap<>();
    try (Connection connection = dataSource.getConnection();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("select id, iban from renewal")) {
      while (row.next()) {
        long id = row.getLong(1);
        byte[] text = aead(context).decrypt(row.getBytes(2), Customers.associatedData(id));
        texts.put(id, new String(text, UTF_8));
      }
    }
    return texts;
  }

  private static Map<Long, String> inserted() {
    Map<Long, String> texts = new HashMap<>();
    for (long id = 1; id <= ROWS; id++) {
      texts.put(id, "iban " + id);
    }
    return texts;
  }

  private static byte[] encrypt(String text, long id, ApplicationContext context)
      throws GeneralSecurityException {
    return aead(context).encrypt(text.getBytes(UTF_8), Customers.associatedData(id));
  }

  private static Aead aead(ApplicationContext context) {
    return context.getBean("customersAead", Aead.class);
  }

  @SuppressWarnings("unchecked")
  private static Reencryption<Long> ibans(ApplicationContext context) {
    return context.getBean("ibans", Reencryption.class);
  }

  private static Rotator rotator(ApplicationContext context) {
    return context.getBean(RotationService.class).find("customers").orElseThrow();
  }

  private static long activeKey(Rotator rotator) {
    return rotator.status().metadata().active().id();
  }

  private void execute(String sql) throws SQLException {
    try (Connection connection = dataSource.getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}
