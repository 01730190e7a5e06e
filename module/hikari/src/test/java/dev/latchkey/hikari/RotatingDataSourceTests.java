package dev.latchkey.hikari;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.latchkey.client.RotatingCredentials;
import dev.latchkey.secret.StaleSecretException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RotatingDataSourceTests {

  private final SecretFixture fixture = new SecretFixture();
  private final FakeDatabase database = new FakeDatabase();
  private final DataSource dataSource =
      new RotatingDataSource(database, RotatingCredentials.of(fixture.secret));

  @AfterEach
  void close() {
    fixture.close();
  }

  /** As HikariCP does, with the credentials that its provider gave. */
  private Connection connect() throws SQLException {
    return dataSource.getConnection("app", "first");
  }

  @Test
  void connectsOnceWhenThePasswordIsGood() throws SQLException {
    connect();

    assertThat(database.attempts).containsExactly("app:first");
    assertThat(fixture.store.reads()).hasSize(1);
  }

  @Test
  void readsTheSecretAgainWhenTheDatabaseRejectsThePassword() throws SQLException {
    database.password = "second";
    fixture.write("second");

    connect();

    assertThat(database.attempts).containsExactly("app:first", "app:second");
  }

  @Test
  void usesTheNewestCredentialsWhenTheSecretRotatedSinceThePoolAsked() throws SQLException {
    database.password = "second";
    fixture.rotate("second");
    int reads = fixture.store.reads().size();

    connect();

    assertThat(database.attempts).containsExactly("app:second");
    assertThat(fixture.store.reads()).hasSize(reads);
  }

  @Test
  void reopensAConnectionWhenTheSecretRotatesMeanwhile() throws SQLException {
    database.whenConnected =
        () -> {
          database.whenConnected = () -> {};
          database.password = "second";
          fixture.rotate("second");
        };

    Connection connection = connect();

    assertThat(database.attempts).containsExactly("app:first", "app:second");
    assertThat(database.closed).hasSize(1).doesNotContain(connection);
  }

  @Test
  void readsASecondTimeWhenTheStoreChangesThePasswordAfterTheDatabase() throws SQLException {
    database.password = "second";
    fixture.store.beforeRead(
        path -> {
          if (fixture.store.reads().size() == 3) {
            fixture.write("second");
          }
        });

    connect();

    assertThat(database.attempts).containsExactly("app:first", "app:first", "app:second");
  }

  @Test
  void throwsTheDatabasesFailureWhenNothingIsNew() {
    database.password = "another";

    assertThatExceptionOfType(SQLException.class)
        .isThrownBy(this::connect)
        .withMessage("password authentication failed");
    assertThat(database.attempts).hasSize(3);
    assertThat(fixture.store.reads()).hasSize(3);
  }

  @Test
  void doesNotReadTheSecretWhenTheDatabaseIsDown() {
    database.failure = new SQLException("connection refused", "08001");

    assertThatExceptionOfType(SQLException.class)
        .isThrownBy(this::connect)
        .isSameAs(database.failure);
    assertThat(database.attempts).hasSize(1);
    assertThat(fixture.store.reads()).hasSize(1);
  }

  @Test
  void closesTheConnectionWhenTheSecretIsStale() {
    database.whenConnected = () -> fixture.clock.advance(Duration.ofDays(2));

    assertThatExceptionOfType(StaleSecretException.class).isThrownBy(this::connect);
    assertThat(database.closed).hasSize(1);
  }

  @Test
  void delegatesWhenNoConnectionIsOpened() throws SQLException {
    assertThat(dataSource.getLoginTimeout()).isEqualTo(7);
    assertThat(dataSource.isWrapperFor(FakeDatabase.class)).isTrue();
    assertThat(dataSource.unwrap(FakeDatabase.class)).isSameAs(database);
    assertThat(dataSource.isWrapperFor(AutoCloseable.class)).isFalse();
  }
}
