package dev.latchkey.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latchkey.LatchkeyException;
import dev.latchkey.WriteConflictException;
import dev.latchkey.follow.internal.Followers;
import dev.latchkey.secret.AbsentSecretException;
import dev.latchkey.secret.Lease;
import dev.latchkey.secret.LeaseExpiredException;
import dev.latchkey.secret.RotatingSecret;
import dev.latchkey.secret.SecretReference;
import dev.latchkey.secret.SecretSource;
import dev.latchkey.secret.SecretSource.News;
import dev.latchkey.secret.SecretValue;
import dev.latchkey.secret.SecretValue.Kind;
import dev.latchkey.secret.rotating.internal.RotatingSecrets;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * The contract of every {@link SecretSource} that keeps versions. Paths are random, so that a
 * server can be shared. Sources that grant leases also pass {@link LeaseContract}.
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
  void isEmptyWhenThePathNeverHadAValue() {
    assertThat(source().read(path, null)).isEmpty();
  }

  @Test
  void returnsWhatWasWritten() {
    Map<String, @Nullable Object> fields = new HashMap<>();
    fields.put("password", "p ${x} #{1+1} \\ \u00e9 \ud83d\udd11 \n");
    fields.put("empty", "");
    fields.put("port", 5432);
    fields.put("tls", true);
    fields.put("nothing", null);
    fields.put("hosts", List.of("a", "b"));
    fields.put("nested", Map.of("user", "app"));

    source().write(path, fields, 0);

    assertHolds(source().read(path, null), fields, 1);
  }

  @Test
  void keepsOlderVersionsWhenANewOneIsWritten() {
    source().write(path, Map.of("password", "one"), 0);
    source().write(path, Map.of("password", "two"), 1);
    source().write(path, Map.of("user", "three"), 2);

    assertHolds(source().read(path, null), Map.of("user", "three"), 3);
    assertHolds(source().read(path, 1L), Map.of("password", "one"), 1);
    assertHolds(source().read(path, 2L), Map.of("password", "two"), 2);
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
    assertHolds(source().read(path, null), Map.of("password", "one"), 1);
  }

  @Test
  void acceptsExactlyOneOfTwoConcurrentWritesOfAVersion() throws Exception {
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
        assertHolds(
            source().read(path, null), Map.of("password", one ? "one" : "two"), version + 1);
      }
    } finally {
      executor.shutdownNow();
    }
  }

  private static void assertHolds(
      Optional<SecretValue> read, Map<String, ? extends @Nullable Object> fields, long version) {
    assertThat(read).map(SecretValue::values).contains(new HashMap<>(fields));
    assertThat(read).map(SecretValue::version).contains(version);
  }

  @Test
  void returnsTheNewestVersionToFollowers() {
    source().write(path, Map.of("password", "one"), 0);
    source().write(path, Map.of("password", "two"), 1);

    SecretValue newest = source().readNewest(path).orElseThrow();

    assertThat(newest.kind()).isEqualTo(Kind.KV);
    assertThat(newest.version()).isEqualTo(2);
    assertThat(newest.get("password")).isEqualTo("two");
    assertThat(newest.proved()).isTrue();
    assertThat(newest.lease()).isEmpty();
    assertThat(newest.changesIn()).isEmpty();
  }

  @Test
  void reportsAChangeWhenAnotherVersionWasWritten() {
    source().write(path, Map.of("password", "one"), 0);
    SecretValue first = source().readNewest(path).orElseThrow();

    source().write(path, Map.of("password", "two"), 1);

    assertThat(source().check(path, first)).isEqualTo(News.CHANGED);
  }

  @Test
  void isFollowedByARotatingSecret() {
    source().write(path, Map.of("password", "one"), 0);
    try (Followers followers = new Followers(Clock.systemUTC());
        RotatingSecrets secrets = secrets(followers)) {
      RotatingSecret secret = secrets.at(reference());

      source().write(path, Map.of("password", "two"), 1);

      assertThat(secret.refresh(Duration.ofSeconds(30))).isTrue();
      assertThat(secret.get("password")).isEqualTo("two");
      assertThat(secret.current().version()).isEqualTo(2);
      assertThat(secret.previous()).map(value -> value.get("password")).contains("one");
      assertThat(secret.overlap()).isZero();
    }
  }

  @Test
  void failsToBeFollowedWhenThePathHasNoValue() {
    try (Followers followers = new Followers(Clock.systemUTC());
        RotatingSecrets secrets = secrets(followers)) {
      assertThat(source().readNewest(path)).isEmpty();
      assertThatThrownBy(() -> secrets.at(reference()))
          .hasCauseInstanceOf(AbsentSecretException.class)
          .hasMessageContaining(path);
    }
  }

  private RotatingSecrets secrets(Followers followers) {
    return new RotatingSecrets(
        List.of(), this::source, Duration.ofHours(1), followers, Clock.systemUTC(), event -> {});
  }

  @Test
  void refusesToRenewALeaseThatItNeverGranted() {
    Lease unknown = new Lease("secret/creds/unknown/1", Duration.ofHours(1), true);

    assertThatThrownBy(() -> source().renew(unknown, Duration.ofHours(1)))
        .isInstanceOf(LeaseExpiredException.class);
  }

  @Test
  void printsNoValue() {
    source().write(path, Map.of("password", CANARY), 0);

    assertThat(source().read(path, null).orElseThrow().toString()).doesNotContain(CANARY);
  }

  private SecretReference reference() {
    return SecretReference.parsePath("vault@" + path);
  }

  @Test
  void describesItself() {
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
