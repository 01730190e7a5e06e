package dev.latchkey.hikari;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.sql.SQLInvalidAuthorizationSpecException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AuthenticationErrorsTests {

  @ParameterizedTest
  @CsvSource({
    "28P01, 0, PostgreSQL",
    "28000, 0, PostgreSQL: the role does not exist",
    "28000, 1045, MySQL and MariaDB",
    "28000, -4214, Db2",
    "72000, 1017, Oracle",
    "S0001, 18456, SQL Server"
  })
  void recognizesRejectedLoginsOfEachDatabase(String state, int code, String database) {
    SQLException failure = new SQLException(database, state, code);

    assertThat(AuthenticationErrors.rejectsLogin(failure)).isTrue();
    assertThat(AuthenticationErrors.mayEndSession(failure)).isTrue();
  }

  @Test
  void recognizesARejectedLoginWhenItIsInTheChain() {
    SQLException outer = new SQLException("outer");
    outer.setNextException(new SQLInvalidAuthorizationSpecException("inner"));

    assertThat(AuthenticationErrors.rejectsLogin(outer)).isTrue();
  }

  @Test
  void endsOnlyOpenSessionsWhenAPrivilegeIsMissing() {
    SQLException failure = new SQLException("permission denied for table orders", "42501");

    assertThat(AuthenticationErrors.rejectsLogin(failure)).isFalse();
    assertThat(AuthenticationErrors.mayEndSession(failure)).isTrue();
  }

  @ParameterizedTest
  @CsvSource({"08001, 0", "23505, 0", "57P03, 0", ", 0"})
  void ignoresOtherFailures(String state, int code) {
    SQLException failure = new SQLException("other", state, code);

    assertThat(AuthenticationErrors.rejectsLogin(failure)).isFalse();
    assertThat(AuthenticationErrors.mayEndSession(failure)).isFalse();
  }
}
