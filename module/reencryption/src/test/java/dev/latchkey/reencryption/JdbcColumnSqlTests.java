package dev.latchkey.reencryption;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.latchkey.LatchkeyException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JdbcColumnSqlTests {

  private final JdbcColumnSql sql = JdbcColumnSql.of("shop.customer", "id", "iban");

  @Test
  void usesStandardSqlWhenTheDatabaseSupportsIt() throws SQLException {
    assertThat(sql.page(false, 500, connectionTo("PostgreSQL")))
        .isEqualTo(
            "select id, iban from shop.customer where iban is not null order by id"
                + " offset 0 rows fetch next 500 rows only");
    assertThat(sql.with("tenant", "name").page(true, 500, connectionTo("Oracle")))
        .isEqualTo(
            "select id, iban, tenant, name from shop.customer where iban is not null and id > ?"
                + " order by id offset 0 rows fetch next 500 rows only");
  }

  @ParameterizedTest
  @ValueSource(strings = {"MySQL", "MariaDB"})
  void usesItsDialectWhenTheDatabaseIsMySql(String product) throws SQLException {
    assertThat(sql.page(true, 500, connectionTo(product))).endsWith("order by id limit 500");
  }

  @Test
  void comparesTheOldValueWhenUpdating() {
    assertThat(sql.update())
        .isEqualTo("update shop.customer set iban = ? where id = ? and iban = ?");
  }

  @ParameterizedTest
  @ValueSource(strings = {"customer", "_c1$", "\"Kunden Daten\"", "`order`", "änderung"})
  void acceptsANameWhenItIsValid(String name) {
    assertThat(JdbcColumnSql.of(name, name, name).with(name).table()).isEqualTo(name);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "1st",
        "a b",
        "a;b",
        "a--",
        "a'",
        "a\"b",
        "\"a\"b\"",
        "\"a",
        "a.",
        "lower(a)",
        "a\n",
        "a/**/",
        "x = 1 or y"
      })
  void failsWhenANameIsInvalid(String name) {
    assertRefused(() -> JdbcColumnSql.of(name, "id", "iban"), name, "table");
    assertRefused(() -> JdbcColumnSql.of("customer", name, "iban"), name, "column");
    assertRefused(() -> JdbcColumnSql.of("customer", "id", name), name, "column");
    assertRefused(() -> sql.with(name), name, "column");
  }

  @Test
  void failsWhenAColumnContainsItsTable() {
    assertRefused(
        () -> JdbcColumnSql.of("customer", "customer.id", "iban"), "customer.id", "column");
  }

  private static void assertRefused(Runnable call, String name, String kind) {
    assertThatExceptionOfType(LatchkeyException.class)
        .isThrownBy(call::run)
        .withMessage("Invalid %s name '%s'".formatted(kind, name))
        .satisfies(ex -> assertThat(ex.action()).contains("double quotes"));
  }

  private static Connection connectionTo(String product) {
    DatabaseMetaData metaData =
        (DatabaseMetaData)
            Proxy.newProxyInstance(
                JdbcColumnSqlTests.class.getClassLoader(),
                new Class<?>[] {DatabaseMetaData.class},
                (proxy, method, arguments) -> product);
    return (Connection)
        Proxy.newProxyInstance(
            JdbcColumnSqlTests.class.getClassLoader(),
            new Class<?>[] {Connection.class},
            (proxy, method, arguments) -> metaData);
  }
}
