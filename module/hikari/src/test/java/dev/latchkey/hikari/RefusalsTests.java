package dev.latchkey.hikari;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.sql.SQLInvalidAuthorizationSpecException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RefusalsTests {

  @ParameterizedTest
  @CsvSource({
    "28P01, 0, PostgreSQL",
    "28000, 0, PostgreSQL: the role does not exist",
    "28000, 1045, MySQL and MariaDB",
    "28000, -4214, Db2",
    "72000, 1017, Oracle",
    "S0001, 18456, SQL Server"
  })
  void knowsHowDatabasesRefuseALogin(String state, int code, String database) {
    SQLException failure = new SQLException(database, state, code);

    assertThat(Refusals.isOfLogin(failure)).isTrue();
    assertThat(Refusals.mayBeOfSession(failure)).isTrue();
  }

  @Test
  void looksIntoTheChain() {
    SQLException outer = new SQLException("outer");
    outer.setNextException(new SQLInvalidAuthorizationSpecException("inner"));

    assertThat(Refusals.isOfLogin(outer)).isTrue();
  }

  @Test
  void takesAMissingPrivilegeForTheEndOfAUserInOpenSessionsOnly() {
    SQLException failure = new SQLException("permission denied for table orders", "42501");

    assertThat(Refusals.isOfLogin(failure)).isFalse();
    assertThat(Refusals.mayBeOfSession(failure)).isTrue();
  }

  @ParameterizedTest
  @CsvSource({"08001, 0", "23505, 0", "57P03, 0", ", 0"})
  void takesOtherFailuresForWhatTheyAre(String state, int code) {
    SQLException failure = new SQLException("other", state, code);

    assertThat(Refusals.isOfLogin(failure)).isFalse();
    assertThat(Refusals.mayBeOfSession(failure)).isFalse();
  }
}
