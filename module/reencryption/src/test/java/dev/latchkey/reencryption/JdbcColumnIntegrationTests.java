package dev.latchkey.reencryption;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.latchkey.LatchkeyException;
import dev.latchkey.test.internal.RotatingKeyset;
import dev.latchkey.test.internal.database.PostgresServer;
import java.security.GeneralSecurityException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.postgresql.ds.PGSimpleDataSource;

/** A column of a real PostgreSQL. */
final class JdbcColumnIntegrationTests {

  private final RotatingKeyset keyset = new RotatingKeyset("AES256_GCM");
  private final DataSource dataSource = dataSource();

  private static DataSource dataSource() {
    PGSimpleDataSource dataSource = new PGSimpleDataSource();
    dataSource.setUrl(PostgresServer.shared().url());
    dataSource.setUser("postgres");
    return dataSource;
  }

  @BeforeEach
  void create() throws SQLException {
    execute("create schema crm");
    execute(
        "create table crm.customer (id bigint primary key, tenant text not null default 'a', iban"
            + " bytea, \"Note\" text, key uuid)");
  }

  @AfterEach
  void drop() throws SQLException {
    execute("drop schema crm cascade");
  }

  @Test
  void reencryptsAndCountsWhenTheIdIsTheAssociatedData() throws Exception {
    long first = keyset.primaryKeyId();
    for (long id = 1; id <= 23; id++) {
      insert(id, encrypt("iban " + id, "" + id));
    }
    insert(24, null);
    keyset.rotate();
    insert(25, encrypt("iban 25", "25"));
    Reencryption<Long> reencryption =
        Reencryption.of(
                keyset.reencryptor(),
                column().withAssociatedData(id -> id.toString().getBytes(UTF_8)))
            .withBatch(5);
    List<Long> positions = new ArrayList<>();

    assertThat(reencryption.what()).isEqualTo("rows of crm.customer.iban");
    assertThat(reencryption.count(RotatingKeyset.ID, first)).isEqualTo(23);
    assertThat(reencryption.count(RotatingKeyset.ID, keyset.primaryKeyId())).isEqualTo(1);
    Progress<Long> end =
        reencryption.onProgress(progress -> positions.add(progress.position())).run();

    assertThat(end.read()).isEqualTo(24);
    assertThat(end.reencrypted()).isEqualTo(23);
    assertThat(positions).containsExactly(5L, 10L, 15L, 20L, 25L);
    assertThat(reencryption.count(RotatingKeyset.ID, first)).isZero();
    assertThat(reencryption.countByKey().counts()).isEqualTo(Map.of(keyset.primaryKeyId(), 24L));
    for (long id : new long[] {1, 5, 6, 23, 25}) {
      assertThat(decrypt(ciphertext(id), "" + id)).isEqualTo("iban " + id);
    }
  }

  @Test
  void resumesWhenAPositionIsGiven() throws Exception {
    for (long id = 1; id <= 10; id++) {
      insert(id, encrypt("iban", ""));
    }
    keyset.rotate();

    assertThat(
            Reencryption.of(keyset.reencryptor(), column()).startingAfter(7L).run().reencrypted())
        .isEqualTo(3);
  }

  @Test
  void readsAssociatedDataWhenItIsInTheRow() throws Exception {
    insert(1, encrypt("iban", "acme/1"));
    execute("update crm.customer set tenant = 'acme'");
    keyset.rotate();

    Reencryption.of(
            keyset.reencryptor(),
            column()
                .withAssociatedDataFrom(
                    row -> (row.getString("tenant") + "/" + row.getLong(1)).getBytes(UTF_8),
                    "tenant"))
        .run();

    assertThat(keyset.reencryptor().usesPrimaryKey(ciphertext(1))).isTrue();
    assertThat(decrypt(ciphertext(1), "acme/1")).isEqualTo("iban");
  }

  @Test
  void reencryptsAndCountsTextWhenItsEncodingVaries() throws Exception {
    long first = keyset.primaryKeyId();
    byte[] old = encrypt("note", "");
    String canonical = Base64.getEncoder().encodeToString(old);
    List<String> spellings =
        List.of(
            canonical,
            canonical + " ",
            Base64.getEncoder().withoutPadding().encodeToString(old),
            Base64.getMimeEncoder(20, new byte[] {'\r', '\n'}).encodeToString(old) + "\n",
            Base64.getUrlEncoder().encodeToString(old));
    for (int id = 1; id <= spellings.size(); id++) {
      insert(id, null);
      execute(
          "update crm.customer set \"Note\" = '%s' where id = %d"
              .formatted(spellings.get(id - 1), id));
    }
    insert(6, null);
    execute("update crm.customer set \"Note\" = 'no ciphertext!' where id = 6");
    keyset.rotate();
    Reencryption<Long> notes = Reencryption.of(keyset.reencryptor(), notes());

    assertThat(notes.count(RotatingKeyset.ID, first)).isEqualTo(5);
    assertThat(notes.countByKey().unknown()).isEqualTo(1);
    Progress<Long> end = notes.run();

    assertThat(end.reencrypted()).isEqualTo(5);
    assertThat(end.failed()).isEqualTo(1);
    for (int id = 1; id <= spellings.size(); id++) {
      String renewed = (String) value("select \"Note\" from crm.customer where id = " + id);
      assertThat(decrypt(Base64.getDecoder().decode(renewed), "")).isEqualTo("note");
    }
    assertThat(value("select \"Note\" from crm.customer where id = 6")).isEqualTo("no ciphertext!");
    assertThat(notes.count(RotatingKeyset.ID, first)).isZero();
  }

  @Test
  void reencryptsTextWhenTheDatabasePadsIt() throws Exception {
    long first = keyset.primaryKeyId();
    execute("alter table crm.customer alter \"Note\" type char(200)");
    insert(1, null);
    execute(
        "update crm.customer set \"Note\" = '%s'"
            .formatted(Base64.getEncoder().encodeToString(encrypt("note", ""))));
    keyset.rotate();
    Reencryption<Long> notes = Reencryption.of(keyset.reencryptor(), notes());

    assertThat(notes.count(RotatingKeyset.ID, first)).isEqualTo(1);
    assertThat(notes.run().reencrypted()).isEqualTo(1);
    assertThat(notes.countByKey().counts()).isEqualTo(Map.of(keyset.primaryKeyId(), 1L));
  }

  private JdbcColumn<Long> notes() {
    return JdbcColumn.of(dataSource, "crm.customer", "id", Long.class, "\"Note\"")
        .asText(Base64.getDecoder()::decode, Base64.getEncoder()::encodeToString);
  }

  @Test
  void readsPagesWhenTheIdHasAnotherType() throws Exception {
    for (long id = 1; id <= 30; id++) {
      insert(id, encrypt("iban", ""));
    }
    execute("update crm.customer set key = gen_random_uuid()");
    execute("create unique index on crm.customer (key)");
    keyset.rotate();

    Progress<UUID> end =
        Reencryption.of(
                keyset.reencryptor(),
                JdbcColumn.of(dataSource, "crm.customer", "key", UUID.class, "iban"))
            .withBatch(7)
            .run();

    assertThat(end.reencrypted()).isEqualTo(30);
  }

  @Test
  void overwritesNothingWhenARowChangedInTheMeantime() throws Exception {
    for (long id = 1; id <= 10; id++) {
      insert(id, encrypt("iban", ""));
    }
    keyset.rotate();
    byte[] theirs = encrypt("theirs", "");
    AtomicInteger rows = new AtomicInteger();
    JdbcColumn<Long> overtaken =
        column()
            .withAssociatedDataFrom(
                row -> {
                  if (rows.incrementAndGet() == 10) { // read, and not written yet
                    update(4, theirs);
                  }
                  return new byte[0];
                });

    Progress<Long> end = Reencryption.of(keyset.reencryptor(), overtaken).run();

    assertThat(end.overtaken()).isEqualTo(1);
    assertThat(end.reencrypted()).isEqualTo(9);
    assertThat(ciphertext(4)).isEqualTo(theirs);
  }

  @Test
  void writesNothingOfABatchWhenPartOfItFails() throws Exception {
    for (long id = 1; id <= 10; id++) {
      insert(id, encrypt("iban", ""));
    }
    execute(
        """
        create function crm.refuse() returns trigger as $$
        begin if new.id = 8 then raise exception 'no'; end if; return new; end $$ language plpgsql
        """);
    execute(
        "create trigger refuse before update on crm.customer for each row execute function"
            + " crm.refuse()");
    keyset.rotate();
    Reencryption<Long> reencryption = Reencryption.of(keyset.reencryptor(), column()).withBatch(5);

    assertThatExceptionOfType(LatchkeyException.class)
        .isThrownBy(reencryption::run)
        .withMessage(
            "The rows of crm.customer.iban cannot be written: BatchUpdateException (SQL state"
                + " P0001)")
        .withStackTraceContaining("no");

    assertThat(reencryption.countByKey().of(keyset.primaryKeyId())).isEqualTo(5);
    execute("drop trigger refuse on crm.customer");
    assertThat(reencryption.startingAfter(5L).run().reencrypted()).isEqualTo(5);
  }

  @Test
  void failsWhenTwoRowsHaveTheSameId() throws Exception {
    insert(1, encrypt("iban", ""));
    insert(2, encrypt("iban", ""));
    keyset.rotate();

    assertThatExceptionOfType(LatchkeyException.class)
        .isThrownBy(
            () ->
                Reencryption.of(
                        keyset.reencryptor(),
                        JdbcColumn.of(dataSource, "crm.customer", "tenant", String.class, "iban"))
                    .run())
        .withMessage("Two rows of crm.customer have the same tenant")
        .satisfies(ex -> assertThat(ex.action()).contains("primary key"));
  }

  @Test
  void failsWhenTwoPagesHaveTheSameId() throws Exception {
    for (long id = 1; id <= 4; id++) {
      insert(id, encrypt("iban", ""));
    }
    execute("update crm.customer set tenant = case when id < 4 then 'a' || id else 'a3' end");
    keyset.rotate();
    Reencryption<String> reencryption =
        Reencryption.of(
                keyset.reencryptor(),
                JdbcColumn.of(dataSource, "crm.customer", "tenant", String.class, "iban"))
            .withBatch(3);

    assertThatExceptionOfType(LatchkeyException.class)
        .isThrownBy(reencryption::run)
        .withMessage("Two rows of crm.customer have the same tenant");
    assertThatExceptionOfType(LatchkeyException.class).isThrownBy(reencryption::countByKey);
  }

  @Test
  void failsWhenARowHasNoId() throws Exception {
    insert(1, encrypt("iban", ""));
    insert(2, encrypt("iban", ""));
    insert(3, null);
    execute("update crm.customer set key = gen_random_uuid() where id = 1");
    Reencryption<UUID> reencryption =
        Reencryption.of(
            keyset.reencryptor(),
            JdbcColumn.of(dataSource, "crm.customer", "key", UUID.class, "iban"));

    assertThatExceptionOfType(LatchkeyException.class)
        .isThrownBy(reencryption::run)
        .withMessage("1 rows of crm.customer.iban have no key")
        .satisfies(ex -> assertThat(ex.action()).contains("primary key"));
    execute("update crm.customer set iban = null where id = 2");
    assertThat(reencryption.run().complete()).isTrue();
  }

  @Test
  void namesTheColumnWhenItCannotBeReadOrCounted() {
    JdbcColumn<Long> missing = JdbcColumn.of(dataSource, "crm.nobody", "id", Long.class, "iban");
    Reencryption<Long> reencryption = Reencryption.of(keyset.reencryptor(), missing);

    assertThatExceptionOfType(LatchkeyException.class)
        .isThrownBy(reencryption::run)
        .withMessage("The rows of crm.nobody.iban cannot be read: PSQLException (SQL state 42P01)")
        .satisfies(ex -> assertThat(ex.action()).contains("last reported position"));
    assertThatExceptionOfType(LatchkeyException.class)
        .isThrownBy(() -> reencryption.count(RotatingKeyset.ID, keyset.primaryKeyId()))
        .withMessageContaining("cannot be counted");
  }

  @Test
  void usesTheIndexWhenReadingPages() throws Exception {
    execute(
        "insert into crm.customer (id, iban) select n, '\\x01' from generate_series(1, 20000) n");
    execute("analyze crm.customer");
    try (Connection connection = dataSource.getConnection()) {
      String page = JdbcColumnSql.of("crm.customer", "id", "iban").page(true, 500, connection);

      assertThat(plan(page.replace("?", "9000"))).contains("Index Scan").doesNotContain("Sort");
    }
  }

  private String plan(String query) throws SQLException {
    StringBuilder plan = new StringBuilder();
    try (Connection connection = dataSource.getConnection();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("explain " + query)) {
      while (row.next()) {
        plan.append(row.getString(1)).append('\n');
      }
    }
    return plan.toString();
  }

  private JdbcColumn<Long> column() {
    return JdbcColumn.of(dataSource, "crm.customer", "id", Long.class, "iban");
  }

  private byte[] encrypt(String text, String associatedData) throws GeneralSecurityException {
    return keyset.aead().encrypt(text.getBytes(UTF_8), associatedData.getBytes(UTF_8));
  }

  private String decrypt(byte[] ciphertext, String associatedData) throws GeneralSecurityException {
    return new String(keyset.aead().decrypt(ciphertext, associatedData.getBytes(UTF_8)), UTF_8);
  }

  private void insert(long id, byte @Nullable [] ciphertext) throws SQLException {
    try (Connection connection = dataSource.getConnection();
        PreparedStatement statement =
            connection.prepareStatement("insert into crm.customer (id, iban) values (?, ?)")) {
      statement.setLong(1, id);
      statement.setBytes(2, ciphertext);
      statement.execute();
    }
  }

  private void update(long id, byte[] ciphertext) throws SQLException {
    try (Connection connection = dataSource.getConnection();
        PreparedStatement statement =
            connection.prepareStatement("update crm.customer set iban = ? where id = ?")) {
      statement.setBytes(1, ciphertext);
      statement.setLong(2, id);
      statement.execute();
    }
  }

  private byte[] ciphertext(long id) throws SQLException {
    return (byte[]) value("select iban from crm.customer where id = " + id);
  }

  private Object value(String query) throws SQLException {
    try (Connection connection = dataSource.getConnection();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(query)) {
      row.next();
      return row.getObject(1);
    }
  }

  private void execute(String sql) throws SQLException {
    try (Connection connection = dataSource.getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}
