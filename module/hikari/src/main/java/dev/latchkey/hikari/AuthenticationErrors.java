package dev.latchkey.hikari;

import java.sql.SQLException;
import java.sql.SQLInvalidAuthorizationSpecException;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** What databases report when credentials are no longer valid. */
final class AuthenticationErrors {

  /** PostgreSQL, MySQL, MariaDB, Db2 and H2, with the standard's class of states. */
  private static final String INVALID_AUTHORIZATION = "28";

  /** Privileges were revoked: the only sign in an open session that its user was dropped. */
  private static final String INSUFFICIENT_PRIVILEGE = "42501";

  /** Oracle: ORA-01017. SQL Server: 18456. Both have states of their own. */
  private static final Set<Integer> LOGIN_FAILED = Set.of(1017, 18456);

  private AuthenticationErrors() {}

  /** Whether the database rejected username and password. */
  static boolean rejectsLogin(Exception failure) {
    return any(
        failure,
        each ->
            each instanceof SQLInvalidAuthorizationSpecException
                || startsWith(each.getSQLState(), INVALID_AUTHORIZATION)
                || LOGIN_FAILED.contains(each.getErrorCode()));
  }

  /** Whether the user of an open session may no longer exist. */
  static boolean mayEndSession(SQLException failure) {
    return rejectsLogin(failure)
        || any(failure, each -> startsWith(each.getSQLState(), INSUFFICIENT_PRIVILEGE));
  }

  private static boolean startsWith(@Nullable String state, String prefix) {
    return state != null && state.startsWith(prefix);
  }

  private static boolean any(Exception failure, Predicate<SQLException> test) {
    SQLException each = failure instanceof SQLException first ? first : null;
    for (; each != null; each = each.getNextException()) {
      if (test.test(each)) {
        return true;
      }
    }
    return false;
  }
}
