package dev.latchkey.hikari;

import java.sql.SQLException;
import java.sql.SQLInvalidAuthorizationSpecException;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** What databases say when credentials are no longer good. */
final class Refusals {

  /** PostgreSQL, MySQL, MariaDB, Db2 and H2 by the standard's class of states. */
  private static final String INVALID_AUTHORIZATION = "28";

  /** What the user may do was taken back: in open sessions, all that is seen of its end. */
  private static final String INSUFFICIENT_PRIVILEGE = "42501";

  /** Oracle: ORA-01017. SQL Server: 18456. Both have states of their own. */
  private static final Set<Integer> LOGIN_FAILED = Set.of(1017, 18456);

  private Refusals() {}

  /** Whether the database refused user and password. */
  static boolean isOfLogin(SQLException failure) {
    return any(
        failure,
        each ->
            each instanceof SQLInvalidAuthorizationSpecException
                || startsWith(each.getSQLState(), INVALID_AUTHORIZATION)
                || LOGIN_FAILED.contains(each.getErrorCode()));
  }

  /** Whether it may be that the user of an open session is gone. */
  static boolean mayBeOfSession(SQLException failure) {
    return isOfLogin(failure)
        || any(failure, each -> startsWith(each.getSQLState(), INSUFFICIENT_PRIVILEGE));
  }

  private static boolean startsWith(@Nullable String state, String prefix) {
    return state != null && state.startsWith(prefix);
  }

  private static boolean any(SQLException failure, Predicate<SQLException> test) {
    for (SQLException each = failure; each != null; each = each.getNextException()) {
      if (test.test(each)) {
        return true;
      }
    }
    return false;
  }
}
