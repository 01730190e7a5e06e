package dev.latchkey.hikari;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.SQLExceptionOverride;
import dev.latchkey.secret.RotatingSecret;
import dev.latchkey.secret.SecretValue;
import dev.latchkey.test.MutableClock;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class SessionWatchTests {

  private static final SQLException DENIED = new SQLException("permission denied", "42501");
  private static final Duration HALF_A_SECOND = Duration.ofMillis(500);

  private final MutableClock clock = new MutableClock(Instant.parse("2026-01-01T00:00:00Z"));
  private final AskedSecret secret = new AskedSecret();
  private final SessionWatch watch = new SessionWatch(secret, () -> {}, clock, null);

  @Test
  void readsTheSecretWithoutWaitingWhenAStatementFails() {
    assertThat(watch.adjudicate(DENIED)).isEqualTo(SQLExceptionOverride.Override.CONTINUE_EVICT);

    assertThat(secret.questions).containsExactly(Duration.ZERO);
  }

  @Test
  void readsNothingWhenAStatementFailsForAnotherReason() {
    watch.adjudicate(new SQLException("duplicate key", "23505"));

    assertThat(secret.questions).isEmpty();
  }

  @Test
  void readsLessOftenWhenNothingChanges() {
    for (int i = 0; i < 2 * 60 * 60; i++) {
      watch.adjudicate(DENIED);
      clock.advance(HALF_A_SECOND);
    }

    assertThat(secret.questions).hasSizeBetween(60, 70);
  }

  @Test
  void readsAtOnceWhenTheSecretRotated() {
    for (int i = 0; i < 1000; i++) {
      watch.adjudicate(DENIED);
      clock.advance(HALF_A_SECOND);
    }
    int before = secret.questions.size();

    secret.listeners.forEach(listener -> listener.accept(null));
    watch.adjudicate(DENIED);

    assertThat(secret.questions).hasSize(before + 1);
  }

  @Test
  void keepsTheVerdictOfThePoolsOwnOverrideWhenThereIsOne() {
    SQLExceptionOverride own =
        new SQLExceptionOverride() {
          @java.lang.Override
          public Override adjudicate(SQLException failure) {
            return Override.MUST_EVICT;
          }
        };

    assertThat(new SessionWatch(secret, () -> {}, clock, own).adjudicate(DENIED))
        .isEqualTo(SQLExceptionOverride.Override.MUST_EVICT);
    assertThat(secret.questions).hasSize(1);
  }

  private static final class AskedSecret implements RotatingSecret {

    final List<Duration> questions = new ArrayList<>();
    final List<Consumer<SecretValue>> listeners = new ArrayList<>();

    @Override
    public boolean refresh(Duration atMost) {
      questions.add(atMost);
      return false;
    }

    @Override
    public void onRotation(Consumer<SecretValue> listener) {
      listeners.add(listener);
    }

    @Override
    public String name() {
      throw new UnsupportedOperationException();
    }

    @Override
    public SecretValue current() {
      throw new UnsupportedOperationException();
    }

    @Override
    public Optional<SecretValue> previous() {
      throw new UnsupportedOperationException();
    }

    @Override
    public Duration overlap() {
      throw new UnsupportedOperationException();
    }

    @Override
    public void extendOverlap(Duration atLeast) {
      throw new UnsupportedOperationException();
    }
  }
}
