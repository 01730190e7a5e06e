package dev.latchkey.hikari;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariDataSource;
import dev.latchkey.client.RotatingCredentials;
import dev.latchkey.secret.RotatingSecret;
import dev.latchkey.secret.SecretValue;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.postgresql.ds.PGSimpleDataSource;

class RotatingPoolTests {

  private static final Duration DRAIN = Duration.ofSeconds(30);

  private final SecretFixture fixture = new SecretFixture();
  private final LeasedSecret secret = new LeasedSecret(fixture.secret);
  private final FakeDatabase database = new FakeDatabase();
  private final HeldTasks tasks = new HeldTasks();
  private final HikariDataSource pool = new HikariDataSource();

  RotatingPoolTests() {
    pool.setDataSource(database);
    pool.setMaximumPoolSize(2);
    pool.setMinimumIdle(1);
    prepare(pool);
  }

  private void prepare(HikariDataSource pool) {
    RotatingPool.prepare(pool, "pool", RotatingCredentials.of(secret), DRAIN, tasks, fixture.clock);
  }

  @AfterEach
  void close() {
    pool.close();
    tasks.shutdownNow();
    fixture.close();
  }

  @Test
  void extendsTheOverlapByTheDrainWhenThePoolIsPrepared() {
    assertThat(secret.extended).isEqualTo(DRAIN.plusSeconds(1));
  }

  @Test
  void replacesConnectionsShortlyAfterTheSecretRotated() throws SQLException {
    secret.overlap = DRAIN.plusSeconds(1);
    Connection old = physical();
    rotate();
    assertThat(database.closed).isEmpty();
    assertThat(tasks.delays).containsExactly(1000L);

    tasks.run();

    await().untilAsserted(() -> assertThat(database.closed).contains(old));
    physical();
    assertThat(database.attempts).last().isEqualTo("app:second");
  }

  @Test
  void keepsAConnectionUntilItIsReturnedWhenItIsInUse() throws SQLException {
    Connection borrowed = pool.getConnection();
    Connection physical = borrowed.unwrap(Connection.class);
    rotate();

    tasks.run();
    pool.getConnection().close();
    assertThat(database.closed).doesNotContain(physical);

    borrowed.close();
    await().untilAsserted(() -> assertThat(database.closed).contains(physical));
  }

  @Test
  void waitsLessWhenTheCredentialsExpireSoon() throws SQLException {
    secret.overlap = Duration.ofSeconds(2);
    physical();

    rotate();

    assertThat(tasks.delays).containsExactly(400L);
  }

  @Test
  void spreadsReconnectsWhenSessionsStayValid() throws SQLException {
    physical();
    for (int i = 0; i < 50; i++) {
      fixture.rotate("password " + i);
      tasks.run();
    }

    assertThat(tasks.delays).hasSize(50).allMatch(delay -> delay >= 1000 && delay <= 31000);
    assertThat(tasks.delays.stream().distinct().count()).isGreaterThan(40);
  }

  @Test
  void replacesConnectionsOnceWhenTheSecretRotatesSeveralTimes() throws SQLException {
    physical();

    rotate();
    fixture.rotate("third");

    assertThat(tasks.delays).hasSize(1);
    tasks.run();
    fixture.rotate("fourth");
    assertThat(tasks.delays).hasSize(2);
  }

  @Test
  void replacesConnectionsAtOnceWhenAStatementFailsAsIfTheUserWereDropped() throws SQLException {
    Connection old = physical();
    fail("42501");
    assertThat(tasks.delays).as("nothing is to be done").isEmpty();
    rotate();

    fail("23505");
    assertThat(tasks.delays).hasSize(1);
    fail("42501");

    assertThat(tasks.delays).hasSize(2).last().isEqualTo(0L);
    tasks.run();
    await().untilAsserted(() -> assertThat(database.closed).containsExactly(old));
  }

  private void fail(String state) {
    pool.getExceptionOverride().adjudicate(new SQLException("failed", state));
  }

  @Test
  void closesConnectionsAtOnceWhenTheirUserIsGone() throws SQLException {
    Connection old = physical();
    secret.previousIsGone = true;
    secret.overlap = DRAIN;

    rotate();

    await().untilAsserted(() -> assertThat(database.closed).contains(old));
    assertThat(tasks.delays).as("and those that were just being opened").hasSize(1);
  }

  @Test
  void doesNothingWhenThePoolHasNotStartedOrIsClosed() {
    rotate();
    tasks.run();
    pool.close();
    fixture.rotate("third");
    tasks.run();

    assertThat(database.attempts).isEmpty();
  }

  @Test
  void createsTheDriversDataSourceWhenThePoolNamesItsClass() throws SQLException {
    try (HikariDataSource named = new HikariDataSource()) {
      named.setDataSourceClassName(PGSimpleDataSource.class.getName());
      named.addDataSourceProperty("databaseName", "shop");

      prepare(named);

      PGSimpleDataSource target = named.getDataSource().unwrap(PGSimpleDataSource.class);
      assertThat(target.getDatabaseName()).isEqualTo("shop");
    }
  }

  private void rotate() {
    database.password = "second";
    fixture.rotate("second");
  }

  private Connection physical() throws SQLException {
    try (Connection connection = pool.getConnection()) {
      return connection.unwrap(Connection.class);
    }
  }

  /** Keeps what it is given until the test runs it. */
  private static final class HeldTasks extends ScheduledThreadPoolExecutor {

    final List<Long> delays = new ArrayList<>();
    private final List<Runnable> held = new ArrayList<>();

    HeldTasks() {
      super(1);
    }

    @Override
    public synchronized ScheduledFuture<?> schedule(Runnable task, long delay, TimeUnit unit) {
      delays.add(unit.toMillis(delay));
      held.add(task);
      return super.schedule(() -> {}, 0, unit);
    }

    synchronized void run() {
      List<Runnable> due = List.copyOf(held);
      held.clear();
      due.forEach(Runnable::run);
    }
  }

  /** A secret as it would be with a lease. */
  private static final class LeasedSecret implements RotatingSecret {

    private final RotatingSecret secret;
    Duration overlap = Duration.ZERO;
    boolean previousIsGone;
    @Nullable Duration extended;

    LeasedSecret(RotatingSecret secret) {
      this.secret = secret;
    }

    @Override
    public String name() {
      return secret.name();
    }

    @Override
    public SecretValue current() {
      return secret.current();
    }

    @Override
    public Optional<SecretValue> previous() {
      return previousIsGone ? Optional.empty() : secret.previous();
    }

    @Override
    public void onRotation(Consumer<SecretValue> listener) {
      secret.onRotation(listener);
    }

    @Override
    public boolean refresh(Duration atMost) {
      return secret.refresh(atMost);
    }

    @Override
    public Duration overlap() {
      return overlap;
    }

    @Override
    public void extendOverlap(Duration atLeast) {
      extended = atLeast;
    }
  }
}
