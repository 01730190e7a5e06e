package dev.latchkey.reencryption;

import dev.latchkey.LatchkeyException;
import dev.latchkey.reencryption.Ciphertexts.Replacement;
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
 * Ciphertexts in a column of a database table. Pages are read by key, each starting where the
 * previous one ended, and each batch is written in its own transaction. A row is changed only if
 * its ciphertext is unchanged since it was read. Rows without a ciphertext are skipped.
 *
 * <p>Immutable: each option returns a new instance.
 *
 * @param <I> type of the ID column
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
   * <p>Names are written as in an SQL statement, with quotes or a schema where they are necessary.
   *
   * @param dataSource returns separate connections, not that of a transaction in progress
   * @param table table name, such as {@code customer} or {@code shop.customer}
   * @param idColumn indexed column with unique values and without null, such as the primary key
   * @param idType type that JDBC returns for the column: {@code Long}, {@code String}, {@code UUID}
   * @param column column that contains the ciphertexts
   * @throws LatchkeyException if a name is not a valid SQL name
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
   * A column of text. Also reads text with whitespace, line breaks or padding that {@code decode}
   * refuses. Replacements are written with {@code encode}.
   *
   * @param decode decodes text, such as {@code Base64.getDecoder()::decode}
   * @param encode encodes bytes, such as {@code Base64.getEncoder()::encodeToString}
   */
  public JdbcColumn<I> asText(Function<String, byte[]> decode, Function<byte[], String> encode) {
    return new JdbcColumn<>(
        dataSource, sql, idType, CiphertextEncoding.text(decode, encode), associatedData);
  }

  /** Derives associated data from the ID. */
  public JdbcColumn<I> withAssociatedData(Function<? super I, byte[]> ofId) {
    return withAssociatedDataFrom(row -> ofId.apply(row.getObject(1, idType)));
  }

  /**
   * Derives associated data from the row.
   *
   * @param ofRow reads the associated data from the columns below, by name
   * @param columns further columns to read from each row
   */
  public JdbcColumn<I> withAssociatedDataFrom(RowData ofRow, String... columns) {
    return new JdbcColumn<>(dataSource, sql.with(columns), idType, encoding, ofRow);
  }

  /** Reads bytes from a row. */
  @FunctionalInterface
  public interface RowData {

    /**
     * Reads the associated data of the current row.
     *
     * @param row positioned at the row; must not be moved
     */
    byte[] of(ResultSet row) throws SQLException;
  }

  @Override
  public Iterator<Ciphertext<I>> after(@Nullable I position, int batch) {
    requireIds();
    return new Pages<>(position, last -> page(last, batch));
  }

  /** Pages would skip rows without an ID. */
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
          "Use a column that is never null, such as the primary key. Nothing was changed.");
    }
  }

  /** Reads one more row, which the next page reads again as its first. */
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

  /** If a page ended between two rows with the same ID, the second would be skipped. */
  private void requireDistinctIds(List<Ciphertext<I>> page) {
    for (int i = 1; i < page.size(); i++) {
      if (page.get(i).id().equals(page.get(i - 1).id())) {
        throw new LatchkeyException(
            "Two rows of %s have the same %s".formatted(sql.table(), sql.idColumn()),
            "Use a column with unique values, such as the primary key. Nothing of this batch was"
                + " changed.");
      }
    }
  }

  @Override
  public int replace(List<Replacement<I>> replacements) {
    try (Connection connection = dataSource.getConnection()) {
      boolean autoCommit = connection.getAutoCommit();
      connection.setAutoCommit(false);
      try {
        int replaced = update(replacements, connection);
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

  private int update(List<Replacement<I>> replacements, Connection connection) throws SQLException {
    String update = encoding.isText() ? sql.updateText() : sql.update();
    try (PreparedStatement statement = connection.prepareStatement(update)) {
      for (Replacement<I> each : replacements) {
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

  /** The database counts a range of bytes; it cannot do so for text. */
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

  /** The first bytes after every value with the prefix, whose first byte is 1. */
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
        "See the cause below. Batches before this one are written: resume from the last reported"
            + " position.",
        cause);
  }
}
