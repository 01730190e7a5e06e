package dev.latchkey.reencryption;

import dev.latchkey.LatchkeyException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Function;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Ciphertexts in a column of a database table. It is read page by page, each from where the last
 * one ended, and written batch by batch, each in a transaction of its own; a row is changed only
 * while its ciphertext is still the one that was read. Rows without a ciphertext are passed over.
 *
 * <p>Immutable: each option gives another one.
 *
 * @param <I> the type of the id column
 * @since 0.1
 */
public final class JdbcColumn<I> implements Ciphertexts<I> {

  private final DataSource dataSource;
  private final JdbcColumnSql sql;
  private final Class<I> idType;
  private final CiphertextEncoding encoding;
  private final RowData associatedData;

  private JdbcColumn(
      DataSource dataSource,
      JdbcColumnSql sql,
      Class<I> idType,
      CiphertextEncoding encoding,
      RowData associatedData) {
    this.dataSource = dataSource;
    this.sql = sql;
    this.idType = idType;
    this.encoding = encoding;
    this.associatedData = associatedData;
  }

  /**
   * A column of bytes, encrypted without associated data.
   *
   * <p>Names are those of SQL, as they would stand in a statement: one that needs quotes is given
   * with them, and one of another schema with that.
   *
   * @param dataSource gives connections of its own, not those of a transaction that is under way
   * @param table such as {@code customer} or {@code shop.customer}
   * @param idColumn a column that has an index, no value twice and no null, such as the primary key
   * @param idType what JDBC gives for it: {@code Long}, {@code String}, {@code UUID}
   * @param column the column that holds the ciphertexts
   * @throws LatchkeyException if a name is none of SQL
   */
  public static <I> JdbcColumn<I> of(
      DataSource dataSource, String table, String idColumn, Class<I> idType, String column) {
    return new JdbcColumn<>(
        dataSource,
        JdbcColumnSql.of(table, idColumn, column),
        idType,
        CiphertextEncoding.NONE,
        row -> new byte[0]);
  }

  /**
   * A column of text. Read are also texts with white space, line breaks or padding that {@code
   * decode} refuses; what is renewed is written as {@code encode} gives it.
   *
   * @param decode such as {@code Base64.getDecoder()::decode}
   * @param encode the other way, such as {@code Base64.getEncoder()::encodeToString}
   */
  public JdbcColumn<I> asText(Function<String, byte[]> decode, Function<byte[], String> encode) {
    return new JdbcColumn<>(
        dataSource, sql, idType, CiphertextEncoding.text(decode, encode), associatedData);
  }

  /** With associated data that follows from the id alone. */
  public JdbcColumn<I> withAssociatedData(Function<? super I, byte[]> ofId) {
    return withAssociatedDataFrom(row -> ofId.apply(row.getObject(1, idType)));
  }

  /**
   * With associated data that follows from the row.
   *
   * @param ofRow reads it from the columns that are named here, by their names
   * @param columns what else is read of each row
   */
  public JdbcColumn<I> withAssociatedDataFrom(RowData ofRow, String... columns) {
    return new JdbcColumn<>(dataSource, sql.with(columns), idType, encoding, ofRow);
  }

  /** Reads bytes from a row. */
  @FunctionalInterface
  public interface RowData {

    /**
     * Reads the associated data of the row that the result stands at.
     *
     * @param row must be left where it is
     */
    byte[] of(ResultSet row) throws SQLException;
  }

  @Override
  public Iterator<Ciphertext<I>> after(@Nullable I position, int batch) {
    requireIds();
    return new Pages<>(position, last -> page(last, batch));
  }

  /** No page would have a row without an id. */
  private void requireIds() {
    long withoutId;
    try {
      withoutId = count(sql.countWithoutId());
    } catch (SQLException ex) {
      throw failed("read", ex);
    }
    if (withoutId > 0) {
      throw new LatchkeyException(
          "%d %s have no %s".formatted(withoutId, what(), sql.idColumn()),
          "Name a column that is never null, such as the primary key. Nothing was changed.");
    }
  }

  /** Looks one row further, which is read again as the first of the next page. */
  private List<Ciphertext<I>> page(@Nullable I last, int size) {
    try (Connection connection = dataSource.getConnection();
        PreparedStatement statement =
            connection.prepareStatement(sql.page(last != null, size + 1, connection))) {
      if (last != null) {
        statement.setObject(1, last);
      }
      List<Ciphertext<I>> page = new ArrayList<>();
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          page.add(ciphertext(row));
        }
      }
      requireDistinctIds(page);
      return page.size() > size ? page.subList(0, size) : page;
    } catch (SQLException ex) {
      throw failed("read", ex);
    }
  }

  private Ciphertext<I> ciphertext(ResultSet row) throws SQLException {
    return encoding.read(row.getObject(1, idType), row, 2, associatedData.of(row));
  }

  /** Where a page ends between two rows of one id, the second would be passed over. */
  private void requireDistinctIds(List<Ciphertext<I>> page) {
    for (int i = 1; i < page.size(); i++) {
      if (page.get(i).id().equals(page.get(i - 1).id())) {
        throw new LatchkeyException(
            "Two rows of %s have the same %s".formatted(sql.table(), sql.idColumn()),
            "Name a column that has no value twice, such as the primary key. Nothing of this batch"
                + " was changed.");
      }
    }
  }

  @Override
  public int replace(List<Renewed<I>> renewed) {
    try (Connection connection = dataSource.getConnection()) {
      boolean autoCommit = connection.getAutoCommit();
      connection.setAutoCommit(false);
      try {
        int replaced = update(renewed, connection);
        connection.commit();
        return replaced;
      } catch (SQLException | RuntimeException ex) {
        connection.rollback();
        throw ex;
      } finally {
        connection.setAutoCommit(autoCommit);
      }
    } catch (SQLException ex) {
      throw failed("written", ex);
    }
  }

  private int update(List<Renewed<I>> renewed, Connection connection) throws SQLException {
    String update = encoding.isText() ? sql.updateText() : sql.update();
    try (PreparedStatement statement = connection.prepareStatement(update)) {
      for (Renewed<I> each : renewed) {
        encoding.set(statement, 1, each.bytes());
        statement.setObject(2, each.old().id());
        encoding.setOld(statement, 3, each.old());
        statement.addBatch();
      }
      return (int)
          Arrays.stream(statement.executeBatch())
              .filter(count -> count > 0 || count == Statement.SUCCESS_NO_INFO)
              .count();
    }
  }

  /** Counted by the database, in a range of bytes: only as text can it not tell. */
  @Override
  public OptionalLong countStartingWith(byte[] prefix) {
    if (encoding.isText()) {
      return OptionalLong.empty();
    }
    try {
      return OptionalLong.of(count(sql.countBetween(), prefix, next(prefix)));
    } catch (SQLException ex) {
      throw failed("counted", ex);
    }
  }

  private long count(String query, byte[]... parameters) throws SQLException {
    try (Connection connection = dataSource.getConnection();
        PreparedStatement statement = connection.prepareStatement(query)) {
      for (int i = 0; i < parameters.length; i++) {
        statement.setBytes(i + 1, parameters[i]);
      }
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        return row.getLong(1);
      }
    }
  }

  /** The first bytes that come after all that start with these; the first of these is 1. */
  private static byte[] next(byte[] prefix) {
    byte[] next = prefix.clone();
    int i = next.length - 1;
    while (++next[i] == 0) {
      i--;
    }
    return next;
  }

  @Override
  public String what() {
    return "rows of %s.%s".formatted(sql.table(), sql.column());
  }

  private LatchkeyException failed(String verb, SQLException cause) {
    return new LatchkeyException(
        "The %s cannot be %s: %s (SQL state %s)"
            .formatted(what(), verb, cause.getClass().getSimpleName(), cause.getSQLState()),
        "See what the database says below. What was written before stays; run it again from the"
            + " last position that was told.",
        cause);
  }
}
