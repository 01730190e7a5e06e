package dev.latchkey.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latchkey.LatchkeyException;
import dev.latchkey.WriteConflictException;
import dev.latchkey.secret.AbsentSecretException;
import dev.latchkey.secret.Lease;
import dev.latchkey.secret.LeaseExpiredException;
import dev.latchkey.secret.RotatingSecret;
import dev.latchkey.secret.RotatingSource;
import dev.latchkey.secret.SecretData;
import dev.latchkey.secret.SecretKind;
import dev.latchkey.secret.SecretNews;
import dev.latchkey.secret.SecretReading;
import dev.latchkey.secret.SecretReference;
import dev.latchkey.secret.SecretSource;
import dev.latchkey.secret.rotating.internal.RotatingSecrets;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * The contract of every {@link SecretSource} with versions. Paths are random, so that tests can
 * share a server.
 */
public abstract class SecretSourceContract {

  private static final String CANARY = "canary-7f3b";

  private final String path = mount() + "/orders-db-" + UUID.randomUUID();

  /** The source under test, the same throughout a test. */
  protected abstract SecretSource source();

  /** A mount that keeps versions. */
  protected String mount() {
    return "secret";
  }

  @Test
  void isEmptyWhenNothingEverLayThere() {
    assertThat(source().read(path, null)).isEmpty();
  }

  @Test
  void readsWhatWasWritten() {
    Map<String, @Nullable Object> fields = new HashMap<>();
    fields.put("password", "p ${x} #{1+1} \\ \u00e9 \ud83d\udd11 \n");
    fields.put("empty", "");
    fields.put("port", 5432);
    fields.put("tls", true);
    fields.put("nothing", null);
    fields.put("hosts", List.of("a", "b"));
    fields.put("nested", Map.of("user", "app"));

    source().write(path, fields, 0);

    assertThat(source().read(path, null)).contains(new SecretData(fields, 1));
  }

  @Test
  void countsVersionsByOneAndKeepsTheOlderOnes() {
    source().write(path, Map.of("password", "one"), 0);
    source().write(path, Map.of("password", "two"), 1);
    source().write(path, Map.of("user", "three"), 2);

    assertThat(source().read(path, null)).contains(new SecretData(Map.of("user", "three"), 3));
    assertThat(source().read(path, 1L)).contains(new SecretData(Map.of("password", "one"), 1));
    assertThat(source().read(path, 2L)).contains(new SecretData(Map.of("password", "two"), 2));
  }

  @Test
  void failsWhenAnExistingPathHasNoSuchVersion() {
    source().write(path, Map.of("password", CANARY), 0);

    assertThatThrownBy(() -> source().read(path, 2L))
        .isInstanceOf(LatchkeyException.class)
        .hasMessageContaining(path)
        .hasMessageContaining("2")
        .hasMessageNotContaining(CANARY);
  }

  @Test
  void writesNothingWhenAnotherVersionIsExpected() {
    assertThatThrownBy(() -> source().write(path, Map.of("password", CANARY), 1))
        .isInstanceOf(WriteConflictException.class)
        .hasMessageNotContaining(CANARY);
    assertThat(source().read(path, null)).isEmpty();

    source().write(path, Map.of("password", "one"), 0);

    assertThatThrownBy(() -> source().write(path, Map.of("password", CANARY), 0))
        .isInstanceOf(WriteConflictException.class)
        .hasMessageContaining(path);
    assertThat(source().read(path, null)).contains(new SecretData(Map.of("password", "one"), 1));
  }

  @Test
  void letsExactlyOneWinWhenTwoThreadsWriteTheSameVersion() throws Exception {
    ExecutorService executor = Executors.newFixedThreadPool(2);
    try {
      for (long version = 0; version < 10; version++) {
        CyclicBarrier start = new CyclicBarrier(2);
        List<Future<Boolean>> wins =
            executor.invokeAll(
                List.of(attempt(start, "one", version), attempt(start, "two", version)));

        boolean one = wins.get(0).get();
        boolean two = wins.get(1).get();
        assertThat(one).isNotEqualTo(two);
        assertThat(source().read(path, null))
            .contains(new SecretData(Map.of("password", one ? "one" : "two"), version + 1));
      }
    } finally {
      executor.shutdownNow();
    }
  }

  @Test
  void tellsWhoFollowsItThatAnotherVersionIsThere() {
    source().write(path, Map.of("password", "one"), 0);
    RotatingSource rotating = source().rotating();
    SecretReading first = rotating.read(reference());
    assertThat(first.kind()).isEqualTo(SecretKind.KV);
    assertThat(first.version()).isEqualTo(1);
    assertThat(first.fields()).isEqualTo(Map.of("password", "one"));
    assertThat(first.proved()).isTrue();

    source().write(path, Map.of("password", "two"), 1);

    assertThat(rotating.check(reference(), first)).isEqualTo(SecretNews.CHANGED);
    assertThat(rotating.read(reference()).fields()).isEqualTo(Map.of("password", "two"));
  }

  @Test
  void isFollowedByASecretThatRotates() {
    source().write(path, Map.of("password", "one"), 0);
    ScheduledExecutorService executor = Executors.newSingleThreadScheduledExecutor();
    try (RotatingSecrets secrets =
        new RotatingSecrets(
            () -> source().rotating(),
            Duration.ofHours(1),
            executor,
            Clock.systemUTC(),
            event -> {})) {
      RotatingSecret secret = secrets.at(reference());
      source().write(path, Map.of("password", "two"), 1);

      assertThat(secret.refresh(Duration.ofSeconds(30))).isTrue();

      assertThat(secret.get("password")).isEqualTo("two");
      assertThat(secret.current().version()).isEqualTo(2);
      assertThat(secret.previous()).map(version -> version.get("password")).contains("one");
      assertThat(secret.overlap()).isZero();
    }
  }

  @Test
  void tellsWhoFollowsItThatNothingLiesThere() {
    assertThatThrownBy(() -> source().rotating().read(reference()))
        .isInstanceOf(AbsentSecretException.class)
        .hasMessageContaining(path);
  }

  @Test
  void knowsNoLeaseThatItNeverGave() {
    Lease unknown = new Lease("secret/creds/nobody/1", Duration.ofHours(1), true);

    assertThatThrownBy(() -> source().rotating().renew(unknown, Duration.ofHours(1)))
        .isInstanceOf(LeaseExpiredException.class);
  }

  private SecretReference reference() {
    return SecretReference.parsePath("vault@" + path);
  }

  @Test
  void saysWhatItIs() {
    assertThat(source().description()).isNotBlank();
  }

  private Callable<Boolean> attempt(CyclicBarrier start, String password, long version) {
    return () -> {
      start.await();
      try {
        source().write(path, Map.of("password", password), version);
        return true;
      } catch (WriteConflictException ex) {
        return false;
      }
    };
  }
}
