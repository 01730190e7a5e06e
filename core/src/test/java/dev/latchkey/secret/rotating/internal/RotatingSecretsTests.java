package dev.latchkey.secret.rotating.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import dev.latchkey.LatchkeyException;
import dev.latchkey.follow.internal.Followers;
import dev.latchkey.memory.internal.MemorySecretSource;
import dev.latchkey.secret.RotatingSecret;
import dev.latchkey.secret.SecretReference;
import dev.latchkey.test.MutableClock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RotatingSecretsTests {

  private static final Duration INTERVAL = Duration.ofHours(1);
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final MutableClock clock = new MutableClock(Instant.parse("2026-01-01T00:00:00Z"));
  private final FakeSecretSource source = new FakeSecretSource(clock);
  private final Followers followers = new Followers(clock);
  private final RotatingSecrets secrets =
      new RotatingSecrets(
          List.of(
              definition("payments", "kv/payments"),
              definition("mail", "kv/mail"),
              definition("denied", "kv/denied")),
          () -> source,
          INTERVAL,
          followers,
          clock,
          event -> {});

  @AfterEach
  void close() {
    secrets.close();
    followers.close();
  }

  private static RotatingSecretDefinition definition(String name, String path) {
    return new RotatingSecretDefinition(
        name, SecretReference.parsePath("vault@" + path), Duration.ofSeconds(30), null);
  }

  private RotatingSecret opened() {
    RotatingSecret payments = secrets.get("payments");
    secrets.openUsed(Runnable::run);
    return payments;
  }

  @Test
  void returnsTheSameObjectForANameAndItsPath() {
    RotatingSecret payments = opened();

    assertThat(secrets.get("payments")).isSameAs(payments);
    assertThat(secrets.at(SecretReference.parsePath("vault@kv/payments"))).isSameAs(payments);
    assertThat(source.requests).containsExactly("read");
  }

  @Test
  void readsAPathWithoutANameOnce() {
    RotatingSecret bound = secrets.at(SecretReference.parsePath("vault@kv/team/mail"));

    assertThat(bound.name()).isEqualTo("kv.team.mail");
    assertThat(secrets.at(SecretReference.parsePath("vault@kv/team/mail"))).isSameAs(bound);
    assertThat(secrets.status()).containsOnlyKeys("kv.team.mail");
    assertThat(source.requests).containsExactly("read");
  }

  @Test
  void readsASecretWhenItIsFirstUsed() {
    RotatingSecret payments = secrets.get("payments");
    assertThat(source.requests).isEmpty();
    assertThat(secrets.status()).isEmpty();

    assertThat(payments.get("password")).isEqualTo("v1");

    assertThat(secrets.get("payments")).isSameAs(payments);
    assertThat(secrets.at(SecretReference.parsePath("vault@kv/payments"))).isSameAs(payments);
    assertThat(secrets.status()).containsOnlyKeys("payments");
    assertThat(source.requests).containsExactly("read");
  }

  @Test
  void readsHandedOutSecretsWhenStartupCompletes() {
    RotatingSecret used = secrets.get("payments");
    assertThat(secrets.unopened()).isOne();

    secrets.openUsed(Runnable::run);

    assertThat(secrets.unopened()).isZero();
    assertThat(secrets.status()).containsOnlyKeys(used.name());
    assertThat(source.requests).containsExactly("read");
  }

  @Test
  void notifiesListenersWhenASecretHasBeenRead() {
    List<String> names = new ArrayList<>();
    opened();

    secrets.onOpen(names::add);
    RotatingSecret mail = secrets.get("mail");
    assertThat(names).containsExactly("payments");
    mail.current();
    mail.current();

    assertThat(names).containsExactly("payments", "mail");
  }

  @Test
  void readsAgainWhenTheFirstReadFailed() {
    RotatingSecret payments = secrets.get("payments");
    source.isCutOff();

    assertThatExceptionOfType(LatchkeyException.class)
        .isThrownBy(payments::current)
        .withMessage("Cannot read secret 'payments' (vault@kv/payments): the test's store is down");
    source.isBack();

    assertThat(payments.get("password")).isEqualTo("v1");
  }

  @Test
  void readsASecretWhenItIsRotatedBeforeItsFirstUse() {
    assertThat(secrets.contains("payments")).isTrue();
    assertThat(secrets.contains("orders")).isFalse();

    secrets.rotate("payments");

    assertThat(secrets.status()).containsOnlyKeys("payments");
    assertThat(source.requests).containsExactly("read");
  }

  @Test
  void suggestsTheNearestNameWhenThereIsNoSecret() {
    assertThatExceptionOfType(LatchkeyException.class)
        .isThrownBy(() -> secrets.get("payment"))
        .withMessage("There is no secret named 'payment'")
        .satisfies(ex -> assertThat(ex.action()).isEqualTo("Did you mean 'payments'?"));
    assertThatExceptionOfType(LatchkeyException.class)
        .isThrownBy(() -> secrets.get("warehouse"))
        .satisfies(
            ex ->
                assertThat(ex.action())
                    .isEqualTo("Configure it, or use one of payments, mail, denied."));
  }

  @Test
  void sharesOneAnswerWhenCallersAskTogether() {
    RotatingSecret payments = opened();
    source.holds("v2", 2);
    List<Thread> callers = new CopyOnWriteArrayList<>();
    ExecutorService pool =
        Executors.newCachedThreadPool(
            task -> {
              callers.add(new Thread(task));
              return callers.get(callers.size() - 1);
            });
    CompletableFuture<Void> blocker = new CompletableFuture<>();
    source.checking = blocker::join;

    List<CompletableFuture<Boolean>> asking = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      asking.add(CompletableFuture.supplyAsync(() -> payments.refresh(PATIENCE), pool));
    }
    // all wait for the one refresh that has begun
    await()
        .untilAsserted(
            () ->
                assertThat(callers)
                    .hasSize(8)
                    .extracting(Thread::getState)
                    .containsOnly(Thread.State.TIMED_WAITING));
    blocker.complete(null);

    assertThat(asking).allSatisfy(answer -> assertThat(answer.join()).isTrue());
    assertThat(source.requests).containsExactly("read", "check", "read");
    pool.shutdown();
  }

  @Test
  void doesNotAskAgainForASecondWhenNothingWasNew() {
    RotatingSecret payments = opened();
    assertThat(payments.refresh(PATIENCE)).isFalse();
    assertThat(source.requests).containsExactly("read", "check");

    source.holds("v2", 2);
    assertThat(payments.refresh(Duration.ofMillis(1))).isFalse();
    assertThat(source.requests).containsExactly("read", "check");

    clock.advance(Duration.ofSeconds(1));
    await().until(() -> payments.get("password").equals("v2"));
  }

  @Test
  void requestsOtherCredentialsAtOnceWhenTheApplicationHasLoggedInAgain() {
    source.leasing(Duration.ofHours(1), Duration.ofHours(10));
    RotatingSecret payments = opened();

    source.loginChanges(clock.instant().plusSeconds(10));

    await().until(() -> payments.get("username").equals("user2"));
    assertThat(payments.previous()).isPresent();
    assertThat(payments.overlap()).isEqualTo(Duration.ofSeconds(10));
  }

  @Test
  void dropsReplacedCredentialsWhenTheReadLoggedInAgain() {
    source.leasing(Duration.ofHours(1), Duration.ofHours(10));
    RotatingSecret payments = opened();
    source.logsInToRead = true;

    secrets.rotate("payments");

    assertThat(payments.get("username")).isEqualTo("user2");
    assertThat(payments.previous()).isEmpty();
    assertThat(source.requests).containsExactly("read", "read");
  }

  @Test
  void refusesToReadWhenItIsClosed() {
    source.leasing(Duration.ofHours(1), Duration.ofHours(10));
    RotatingSecret payments = opened();
    RotatingSecret mail = secrets.get("mail");

    secrets.close();

    refusesAsStopped(mail::current);
    refusesAsStopped(() -> secrets.get("denied"));
    refusesAsStopped(() -> secrets.at(SecretReference.parsePath("vault@kv/other")));
    refusesAsStopped(() -> secrets.rotate("payments"));
    assertThat(payments.get("username")).isEqualTo("user1");
    assertThat(source.requests).containsExactly("read", "revoke lease1");
  }

  private static void refusesAsStopped(ThrowingCallable call) {
    assertThatExceptionOfType(LatchkeyException.class)
        .isThrownBy(call)
        .withMessageStartingWith("Cannot read ")
        .withMessageEndingWith(": the application has stopped");
  }

  @Test
  void requestsNoOtherLeaseWhenItsOwnReadLoggedIn() {
    source.leasing(Duration.ofHours(1), Duration.ofHours(10));
    source.logsInToRead = true;

    RotatingSecret payments = opened();
    payments.refresh(PATIENCE);

    assertThat(source.requests).containsExactly("read", "renew 3600");
  }

  @Test
  void readsAgainWhenItIsRotated() {
    RotatingSecret payments = opened();
    source.holds("v2", 2);

    secrets.rotate("payments");

    assertThat(payments.get("password")).isEqualTo("v2");
  }

  @Test
  void revokesLeasesWhenAnotherSecretCannotBeRead() {
    source.leasing(Duration.ofHours(1), Duration.ofHours(10));
    opened();
    RotatingSecret denied = secrets.get("denied");

    assertThatExceptionOfType(LatchkeyException.class)
        .isThrownBy(() -> secrets.openUsed(Runnable::run))
        .withMessageStartingWith("Cannot read secret '%s' (vault@kv/denied): ", denied.name());
    assertThat(source.requests).containsExactly("read", "read", "revoke lease1");
  }

  @Test
  void refusesAPathWhenAnotherHasTheSameName() {
    secrets.at(SecretReference.parsePath("vault@kv/a/b"));

    assertThatExceptionOfType(LatchkeyException.class)
        .isThrownBy(() -> secrets.at(SecretReference.parsePath("vault@kv/a.b")))
        .withMessage("There are two secrets named 'kv.a.b'")
        .satisfies(
            ex ->
                assertThat(ex.action())
                    .isEqualTo(
                        "Configure a secret with another name and the reference vault@kv/a.b."));
  }

  @Test
  void followsAStoreThatKeepsValuesOnly() {
    MemorySecretSource memory = new MemorySecretSource();
    memory.write("kv/payments", Map.of("password", "v1"), 0);
    RotatingSecrets secrets =
        new RotatingSecrets(
            List.of(), () -> memory, Duration.ofMillis(20), followers, clock, event -> {});
    RotatingSecret payments = secrets.at(SecretReference.parsePath("vault@kv/payments"));
    memory.write("kv/payments", Map.of("password", "v2"), 1);

    await().until(() -> payments.get("password").equals("v2"));
    assertThat(payments.previous()).map(version -> version.get("password")).contains("v1");
    assertThat(payments.current().version()).isEqualTo(2);
    secrets.close();
  }
}
