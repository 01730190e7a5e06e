package dev.latchkey.secret.rotating.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import dev.latchkey.LatchkeyException;
import dev.latchkey.memory.MemorySecretSource;
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
import java.util.concurrent.ScheduledExecutorService;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RotatingSecretsTests {

  private static final Duration INTERVAL = Duration.ofHours(1);
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final MutableClock clock = new MutableClock(Instant.parse("2026-01-01T00:00:00Z"));
  private final FakeRotatingSource source = new FakeRotatingSource(clock);
  private final ScheduledExecutorService executor = Executors.newSingleThreadScheduledExecutor();
  private final RotatingSecrets secrets =
      new RotatingSecrets(() -> source, INTERVAL, executor, clock, event -> {});

  @AfterEach
  void close() {
    secrets.close();
  }

  private static RotatingSecretDefinition definition(String name, String path) {
    return new RotatingSecretDefinition(
        name, SecretReference.parsePath("vault@" + path), Duration.ofSeconds(30), null);
  }

  private RotatingSecret opened() {
    secrets.open(List.of(definition("payments", "kv/payments")), Runnable::run);
    return secrets.get("payments");
  }

  @Test
  void givesTheSameObjectForANameAndForItsPath() {
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
  void readsOnDemandOnlyWhatIsAskedFor() {
    secrets.openOnDemand(
        List.of(definition("payments", "kv/payments"), definition("mail", "kv/mail")));
    assertThat(source.requests).isEmpty();
    assertThat(secrets.status()).isEmpty();

    RotatingSecret payments = secrets.at(SecretReference.parsePath("vault@kv/payments"));

    assertThat(secrets.get("payments")).isSameAs(payments);
    assertThat(secrets.status()).containsOnlyKeys("payments");
    assertThat(source.requests).containsExactly("read");
  }

  @Test
  void asksAgainForWhatCouldNotBeReadOnDemand() {
    secrets.openOnDemand(List.of(definition("payments", "kv/payments")));
    source.isCutOff();
    assertThatExceptionOfType(LatchkeyException.class)
        .isThrownBy(() -> secrets.get("payments"))
        .withMessage(
            "The secret 'payments' (vault@kv/payments) cannot be read: the test's store is down");
    source.isBack();

    assertThat(secrets.get("payments").get("password")).isEqualTo("v1");
  }

  @Test
  void readsOnDemandWhatIsToRotate() {
    secrets.openOnDemand(List.of(definition("payments", "kv/payments")));
    assertThat(secrets.contains("payments")).isTrue();
    assertThat(secrets.contains("mail")).isFalse();

    secrets.rotate("payments");

    assertThat(secrets.status()).containsOnlyKeys("payments");
    assertThat(source.requests).containsExactly("read");
  }

  @Test
  void suggestsTheNearestName() {
    secrets.openOnDemand(List.of(definition("orders-db", "kv/orders-db")));
    opened();

    assertThatExceptionOfType(LatchkeyException.class)
        .isThrownBy(() -> secrets.get("order-db"))
        .satisfies(ex -> assertThat(ex.action()).isEqualTo("Did you mean 'orders-db'?"));

    assertThatExceptionOfType(LatchkeyException.class)
        .isThrownBy(() -> secrets.get("payment"))
        .withMessage("There is no secret 'payment'")
        .satisfies(ex -> assertThat(ex.action()).isEqualTo("Did you mean 'payments'?"));
    assertThatExceptionOfType(LatchkeyException.class)
        .isThrownBy(() -> secrets.get("mail"))
        .satisfies(
            ex ->
                assertThat(ex.action())
                    .isEqualTo("Add it: latchkey.secrets.mail.reference=vault@secret/mail."));
  }

  @Test
  void callersThatAskTogetherShareOneAnswer() {
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
    executor.execute(blocker::join);

    List<CompletableFuture<Boolean>> asking = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      asking.add(CompletableFuture.supplyAsync(() -> payments.refresh(PATIENCE), pool));
    }
    // all wait for the one thread that could answer
    await()
        .untilAsserted(
            () ->
                assertThat(callers)
                    .hasSize(8)
                    .extracting(Thread::getState)
                    .containsOnly(Thread.State.TIMED_WAITING));
    blocker.complete(null);

    assertThat(asking).allSatisfy(answer -> assertThat(answer.join()).isTrue());
    assertThat(source.requests.stream().filter("read"::equals)).hasSize(2);
    pool.shutdown();
  }

  @Test
  void leavesTheStoreInPeaceForASecondWhereNothingWasNew() {
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
  void takesLeasesByTheNewLoginAtOnce() {
    source.lending(Duration.ofHours(1), Duration.ofHours(10));
    RotatingSecret payments = opened();

    source.loginChanges(clock.instant().plusSeconds(10));

    await().until(() -> payments.get("username").equals("user2"));
    assertThat(payments.previous()).isPresent();
    assertThat(payments.overlap()).isEqualTo(Duration.ofSeconds(10));
  }

  @Test
  void keepsNoCredentialsOfALoginThatIsGoneWhenItsReadMadeAnother() {
    source.lending(Duration.ofHours(1), Duration.ofHours(10));
    RotatingSecret payments = opened();
    source.logsInToRead = true;

    secrets.rotate("payments");

    assertThat(payments.get("username")).isEqualTo("user2");
    assertThat(payments.previous()).isEmpty();
    assertThat(source.requests).containsExactly("read", "read");
  }

  @Test
  void takesNothingMoreOnceItIsClosed() {
    source.lending(Duration.ofHours(1), Duration.ofHours(10));
    secrets.openOnDemand(List.of(definition("mail", "kv/mail")));
    opened();

    secrets.close();

    refusesAsStopped(() -> secrets.get("mail"));
    refusesAsStopped(() -> secrets.at(SecretReference.parsePath("vault@kv/other")));
    refusesAsStopped(() -> secrets.rotate("payments"));
    assertThat(secrets.get("payments").get("username")).isEqualTo("user1");
    assertThat(source.requests).containsExactly("read", "revoke lease1");
  }

  private static void refusesAsStopped(ThrowingCallable call) {
    assertThatExceptionOfType(LatchkeyException.class)
        .isThrownBy(call)
        .withMessageStartingWith("The application has stopped, and reads ");
  }

  @Test
  void takesNoOtherLeaseForTheLoginThatItsReadMade() {
    source.lending(Duration.ofHours(1), Duration.ofHours(10));
    source.logsInToRead = true;

    RotatingSecret payments = opened();
    payments.refresh(PATIENCE);

    assertThat(source.requests).containsExactly("read", "renew 3600");
  }

  @Test
  void readsAgainOnDemand() {
    RotatingSecret payments = opened();
    source.holds("v2", 2);

    secrets.rotate("payments");

    assertThat(payments.get("password")).isEqualTo("v2");
  }

  @Test
  void givesBackWhatWasLentWhenAnotherSecretCannotBeRead() {
    source.lending(Duration.ofHours(1), Duration.ofHours(10));
    List<RotatingSecretDefinition> definitions =
        List.of(definition("payments", "kv/payments"), definition("denied", "kv/denied"));

    assertThatExceptionOfType(LatchkeyException.class)
        .isThrownBy(() -> secrets.open(definitions, Runnable::run))
        .withMessageStartingWith("The secret 'denied' (vault@kv/denied) cannot be read: ");

    assertThat(source.requests).containsExactly("read", "read", "revoke lease1");
  }

  @Test
  void refusesTwoPathsThatWouldHaveOneName() {
    secrets.at(SecretReference.parsePath("vault@kv/a/b"));

    assertThatExceptionOfType(LatchkeyException.class)
        .isThrownBy(() -> secrets.at(SecretReference.parsePath("vault@kv/a.b")))
        .withMessage("There are two secrets 'kv.a.b'")
        .satisfies(
            ex ->
                assertThat(ex.action())
                    .isEqualTo(
                        "Give the one at vault@kv/a.b a name of its own:"
                            + " latchkey.secrets.<name>.reference=vault@kv/a.b."));
  }

  @Test
  void followsAStoreThatKnowsValuesOnly() {
    MemorySecretSource memory = new MemorySecretSource();
    memory.write("kv/payments", Map.of("password", "v1"), 0);
    RotatingSecrets secrets =
        new RotatingSecrets(
            memory::rotating,
            Duration.ofMillis(20),
            Executors.newSingleThreadScheduledExecutor(),
            clock,
            event -> {});
    RotatingSecret payments = secrets.at(SecretReference.parsePath("vault@kv/payments"));
    memory.write("kv/payments", Map.of("password", "v2"), 1);

    await().until(() -> payments.get("password").equals("v2"));
    assertThat(payments.previous()).map(version -> version.get("password")).contains("v1");
    assertThat(payments.current().version()).isEqualTo(2);
    secrets.close();
  }
}
