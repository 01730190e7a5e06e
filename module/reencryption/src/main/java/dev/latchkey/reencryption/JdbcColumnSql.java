package dev.latchkey.reencryption;

import dev.latchkey.LatchkeyException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.regex.Pattern;

/**
 * The SQL statements for one column. They contain names, which are validated first, and never
 * values.
 *
 * @param more further columns to read
 */
record JdbcColumnSql(String table, String idColumn, String column, List<String> more) {

  private static final String PART =
      "(?:\\p{L}[\\p{L}\\p{N}_$]*|_[\\p{L}\\p{N}_$]*|\"[^\"]+\"|`[^`]+`)";
  private static final Pattern COLUMN = Pattern.compile(PART);
  private static final Pattern TABLE = Pattern.compile(PART + "(?:\\." + PART + "){0,2}");

  static JdbcColumnSql of(String table, String idColumn, String column) {
    require(TABLE, "table", table);
    require(COLUMN, "column", idColumn);
    require(COLUMN, "column", column);
    return new JdbcColumnSql(table, idColumn, column, List.of());
  }

  JdbcColumnSql with(String... columns) {
    for (String each : columns) {
      require(COLUMN, "column", each);
    }
    return new JdbcColumnSql(table, idColumn, column, List.of(columns));
  }

  private static void require(Pattern pattern, String kind, String name) {
    if (!pattern.matcher(name).matches()) {
      throw new LatchkeyException(
          "Invalid %s name '%s'".formatted(kind, name),
          "Use a name as in an SQL statement: letters, digits and '_', or any name in double quotes.");
    }
  }

  /**
   * Selects a page of ciphertexts in the order of their IDs.
   *
   * @param further whether it starts after an ID, the only parameter
   */
  String page(boolean further, int size, Connection connection) throws SQLException {
    String columns =
        String.join(
            ", ", more.isEmpty() ? List.of(column) : List.of(column, String.join(", ", more)));
    return "select %s, %s from %s where %s is not null%s order by %s %s"
        .formatted(
            idColumn,
            columns,
            table,
            column,
            further ? " and " + idColumn + " > ?" : "",
            idColumn,
            limit(size, connection));
  }

  /** In standard SQL, and in the dialect of MySQL. */
  private static String limit(int size, Connection connection) throws SQLException {
    String database = connection.getMetaData().getDatabaseProductName();
    return database.equals("MySQL") || database.equals("MariaDB")
        ? "limit " + size
        : "offset 0 rows fetch next %d rows only".formatted(size);
  }

  /** Replaces a ciphertext. Parameters: the new one, the ID, the old one. */
  String update() {
    return "update %s set %s = ? where %s = ? and %s = ?"
        .formatted(table, column, idColumn, column);
  }

  /** Replaces text. Parameters: the new one, the ID, the old one in two spellings. */
  String updateText() {
    return "update %s set %s = ? where %s = ? and %s in (?, ?)"
        .formatted(table, column, idColumn, column);
  }

  /** Counts the ciphertexts without an ID. */
  String countWithoutId() {
    return "select count(*) from %s where %s is null and %s is not null"
        .formatted(table, idColumn, column);
  }

  /** Counts the ciphertexts from one (inclusive) to another (exclusive). */
  String countBetween() {
    return "select count(*) from %s where %s >= ? and %s < ?".formatted(table, column, column);
  }
}
