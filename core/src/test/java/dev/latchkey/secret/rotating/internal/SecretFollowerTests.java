package dev.latchkey.secret.rotating.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.latchkey.LatchkeyException;
import dev.latchkey.StoreUnavailableException;
import dev.latchkey.secret.SecretEvent;
import dev.latchkey.secret.SecretEvent.SecretConfirmed;
import dev.latchkey.secret.SecretEvent.SecretExpired;
import dev.latchkey.secret.SecretEvent.SecretRefreshFailed;
import dev.latchkey.secret.SecretEvent.SecretRefreshRecovered;
import dev.latchkey.secret.SecretEvent.SecretRotated;
import dev.latchkey.secret.SecretReference;
import dev.latchkey.secret.SecretValue;
import dev.latchkey.secret.SecretValue.Kind;
import dev.latchkey.secret.StaleSecretException;
import dev.latchkey.test.MutableClock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class SecretFollowerTests {

  private static final Duration INTERVAL = Duration.ofSeconds(60);
  private static final SecretReference REFERENCE = SecretReference.parsePath("vault@kv/payments");

  private final MutableClock clock = new MutableClock(Instant.parse("2026-01-01T00:00:00Z"));
  private final FakeSecretSource source = new FakeSecretSource(clock);
  private final List<SecretEvent> events = new ArrayList<>();

  private SecretFollower follower(Duration overlap, @Nullable Duration maxAge) {
    return new SecretFollower(
        new RotatingSecretDefinition("payments", REFERENCE, overlap, maxAge),
        () -> source,
        INTERVAL,
        clock,
        new Random(1),
        new SecretEvents("payments", events::add));
  }

  private SecretFollower opened() {
    SecretFollower follower = follower(Duration.ofSeconds(30), null);
    follower.open();
    return follower;
  }

  private static Duration step(SecretFollower follower) {
    return Objects.requireNonNull(follower.step().next());
  }

  /** Advances the clock, and takes every step when it is due. */
  private void run(SecretFollower follower, Duration time) {
    Instant end = clock.instant().plus(time);
    Duration next = step(follower);
    while (clock.instant().plus(next).isBefore(end)) {
      clock.advance(next);
      next = step(follower);
    }
    clock.advance(Duration.between(clock.instant(), end));
  }

  @Test
  void readsTheValueOnlyWhenItsVersionChanged() {
    SecretFollower follower = opened();

    run(follower, Duration.ofMinutes(10));
    assertThat(source.requests).startsWith("read", "check");
    assertThat(source.requests.stream().filter("read"::equals)).hasSize(1);

    source.holds("v2", 2);
    run(follower, INTERVAL);

    assertThat(follower.live().get("password")).isEqualTo("v2");
    assertThat(follower.live().previous()).map(version -> version.get("password")).contains("v1");
    assertThat(source.requests.stream().filter("read"::equals)).hasSize(2);
    assertThat(events).containsExactly(new SecretRotated("payments", Kind.KV, 2, 1));
  }

  @Test
  void readsTheValueWhenAVersionWasRecreatedUnderTheSameNumber() {
    source.holds("v1", 1);
    SecretFollower follower = opened();

    clock.advance(Duration.ofSeconds(1));
    source.holds("another v1", 1);
    follower.step();

    assertThat(follower.live().get("password")).isEqualTo("another v1");
  }

  @Test
  void countsVersionsWhenTheSourceKeepsNone() {
    source.holds("v1", 0);
    SecretFollower follower = opened();
    source.holds("v1", 0);
    follower.step();
    assertThat(follower.live().current().version()).isEqualTo(1);

    source.holds("v2", 0);
    follower.step();

    assertThat(follower.live().current().version()).isEqualTo(2);
    assertThat(follower.live().get("password")).isEqualTo("v2");
  }

  @Test
  void acceptsAnOlderVersionOnlyWhenItIsProved() {
    source.holds("v3", 3);
    SecretFollower follower = opened();

    source.proved = false;
    source.holds("v2", 2);
    follower.step();
    assertThat(follower.live().get("password")).isEqualTo("v3");

    source.proved = true;
    source.holds("v2", 2);
    follower.step();
    assertThat(follower.live().get("password")).isEqualTo("v2");
  }

  @Test
  void servesTheLastGoodValueWhenTheStoreIsDownIndefinitely() {
    SecretFollower follower = opened();
    source.isCutOff();

    run(follower, Duration.ofDays(30));

    assertThat(follower.live().get("password")).isEqualTo("v1");
    assertThat(events).hasSize(1).first().isInstanceOf(SecretRefreshFailed.class);
    assertThat(follower.status().problem()).contains("the test's store is down", "Start it");

    source.isBack();
    run(follower, INTERVAL.plusSeconds(1));
    assertThat(events).last().isEqualTo(new SecretRefreshRecovered("payments"));
    assertThat(follower.status().problem()).isNull();
  }

  @Test
  void backsOffExponentiallyWhenTheStoreIsDown() {
    SecretFollower follower = opened();
    source.isCutOff();

    assertThat(follower.step().next()).isBetween(Duration.ofMillis(400), Duration.ofMillis(500));
    assertThat(follower.step().next()).isBetween(Duration.ofMillis(800), Duration.ofMillis(1000));
    run(follower, Duration.ofMinutes(5));
    assertThat(follower.step().next()).isBetween(Duration.ofSeconds(48), Duration.ofSeconds(60));
  }

  @Test
  void refusesToServeAStaleValueUntilTheStoreConfirmsIt() {
    SecretFollower follower = follower(Duration.ZERO, Duration.ofMinutes(10));
    follower.open();
    run(follower, Duration.ofMinutes(30));
    assertThat(follower.live().get("password")).isEqualTo("v1");

    source.isCutOff();
    run(follower, Duration.ofMinutes(8));
    assertThat(follower.live().get("password")).isEqualTo("v1");
    run(follower, Duration.ofMinutes(4));

    assertThatExceptionOfType(StaleSecretException.class)
        .isThrownBy(() -> follower.live().get("password"))
        .withMessageMatching(
            "Secret 'payments' \\(vault@kv/payments\\) is stale: its store last confirmed it at"
                + " 2026-01-01T00:\\S+Z, .* max-age is PT10M")
        .satisfies(ex -> assertThat(ex.action()).contains("max-age of secret 'payments'"));
    assertThat(follower.status().stale()).isTrue();
    assertThat(events.stream().filter(SecretExpired.class::isInstance)).hasSize(1);

    source.isBack();
    run(follower, INTERVAL.plusSeconds(1));
    assertThat(follower.live().get("password")).isEqualTo("v1");
    assertThat(events).last().isEqualTo(new SecretConfirmed("payments"));
  }

  @Test
  void pollsMoreOftenWhenTheMaximumAgeIsShort() {
    SecretFollower follower = follower(Duration.ZERO, Duration.ofSeconds(9));
    follower.open();

    assertThat(follower.step().next()).isLessThanOrEqualTo(Duration.ofSeconds(3));
  }

  @Test
  void becomesStaleWhenAnswersAreNotProved() {
    SecretFollower follower = follower(Duration.ZERO, Duration.ofMinutes(10));
    follower.open();
    source.proved = false;

    run(follower, Duration.ofMinutes(11));

    assertThatThrownBy(() -> follower.live().current()).isInstanceOf(StaleSecretException.class);
  }

  @Test
  void becomesStaleOnlyAfterTheEndOfALease() {
    source.leasing(Duration.ofHours(1), Duration.ofHours(1)).renewable = false;
    SecretFollower follower = follower(Duration.ZERO, Duration.ofMinutes(10));
    follower.open();
    source.isCutOff();

    run(follower, Duration.ofMinutes(69));
    assertThat(follower.live().get("username")).isEqualTo("user1");
    run(follower, Duration.ofMinutes(2));

    assertThatThrownBy(() -> follower.live().current()).isInstanceOf(StaleSecretException.class);
  }

  @Test
  void renewsALeaseWhenAQuarterOfItHasPassed() {
    source.leasing(Duration.ofHours(1), Duration.ofDays(1));
    SecretFollower follower = follower(Duration.ofSeconds(30), null);

    assertThat(follower.open()).isEqualTo(Duration.ofMinutes(15));
    run(follower, Duration.ofMinutes(61));

    assertThat(source.requests)
        .containsExactly("read", "renew 3600", "renew 3600", "renew 3600", "renew 3600");
    assertThat(follower.live().get("username")).isEqualTo("user1");
  }

  @Test
  void replacesALeaseWhenAThirdOfItsMaximumLifetimeIsLeft() {
    source.leasing(Duration.ofSeconds(60), Duration.ofSeconds(600));
    SecretFollower follower = opened();
    SecretValue first = follower.live().current();

    run(follower, Duration.ofSeconds(599));

    assertThat(follower.live().get("username")).isEqualTo("user2");
    assertThat(source.requests).contains("revoke lease1");
    assertThat(follower.live().previous()).isEmpty();
    assertThat(source.isAlive(first)).isFalse();
  }

  @Test
  void keepsReplacedCredentialsValidForTheOverlap() {
    source.leasing(Duration.ofSeconds(60), Duration.ofSeconds(600));
    SecretFollower follower = opened();
    AtomicReference<SecretValue> before = new AtomicReference<>(follower.live().current());
    AtomicReference<Instant> rotatedAt = new AtomicReference<>();
    follower.live().onRotation(next -> rotatedAt.set(clock.instant()));

    for (int second = 0; second < 600; second++) {
      run(follower, Duration.ofSeconds(1));
      if (rotatedAt.get() != null
          && clock.instant().isBefore(rotatedAt.get().plus(follower.live().overlap()))) {
        assertThat(follower.live().previous()).contains(before.get());
        assertThat(source.isAlive(before.get())).isTrue();
      }
    }
    assertThat(rotatedAt).isNotNull();
    assertThat(follower.live().overlap()).isEqualTo(Duration.ofSeconds(30));
  }

  @Test
  void requestsTwiceTheOverlapWhenLeasesAreShort() {
    source.leasing(Duration.ofSeconds(5), Duration.ofSeconds(20));
    SecretFollower follower = opened();
    follower.live().extendOverlap(Duration.ofSeconds(40));
    assertThat(follower.live().overlap()).isEqualTo(Duration.ofSeconds(40));

    run(follower, Duration.ofSeconds(2));

    assertThat(source.requests).containsExactly("read", "renew 80");
    assertThat(follower.live().overlap()).isEqualTo(Duration.ofSeconds(20).dividedBy(3));
  }

  @Test
  void servesValidCredentialsWhateverTheirLifetimes() {
    long[][] limits = {{1, 3}, {5, 20}, {20, 40}, {30, 3600}, {60, 60}, {3600, 86400}};
    for (long[] limit : limits) {
      SecretFollower follower = alive(limit[0], limit[1], Duration.ZERO);
      assertThat(follower.status().lease().previous()).isLessThanOrEqualTo(1);
    }
  }

  @Test
  void servesValidCredentialsWhenOutagesAreShort() {
    alive(30, 3600, Duration.ofSeconds(20));
    alive(60, 600, Duration.ofSeconds(20));
    alive(3600, 86400, Duration.ofMinutes(40));
  }

  /** Lets ten lives of leases go by, with an outage in each tenth of a life. */
  private SecretFollower alive(long standard, long greatest, Duration outage) {
    source.expireAllLeases();
    source.leasing(Duration.ofSeconds(standard), Duration.ofSeconds(greatest));
    SecretFollower follower = opened();
    Duration piece = Duration.ofSeconds(greatest).dividedBy(97);
    for (int i = 0; i < 970; i++) {
      run(follower, piece);
      if (i % 9 == 8 && !outage.isZero()) {
        source.isCutOff();
        run(follower, outage);
        assertAlive(follower);
        source.isBack();
        run(follower, Duration.ofSeconds(standard).multipliedBy(2));
      }
      assertAlive(follower);
    }
    return follower;
  }

  private void assertAlive(SecretFollower follower) {
    assertThat(source.isAlive(follower.live().current()))
        .as("%s at %s", follower.status().lease(), clock.instant())
        .isTrue();
  }

  @Test
  void replacesLeasesWhenTheyCannotBeRenewed() {
    source.leasing(Duration.ofSeconds(90), Duration.ofSeconds(90)).renewable = false;
    SecretFollower follower = opened();
    assertThat(follower.live().overlap()).isEqualTo(Duration.ofSeconds(30));

    run(follower, Duration.ofSeconds(61));

    assertThat(source.requests).containsExactly("read", "read");
  }

  @Test
  void replacesLeasesInTimeWhenRenewalIsDenied() {
    source.leasing(Duration.ofSeconds(90), Duration.ofSeconds(600));
    source.renewFailure =
        new LatchkeyException("permission denied in the test's store", "Allow it");
    SecretFollower follower = opened();

    for (int i = 0; i < 100; i++) {
      run(follower, Duration.ofSeconds(6));
      assertAlive(follower);
    }
    assertThat(events)
        .contains(
            new SecretRefreshFailed("payments", "permission denied in the test's store. Allow it"));
  }

  @Test
  void requestsOtherCredentialsAtOnceWhenALeaseHasExpired() {
    source.leasing(Duration.ofSeconds(60), Duration.ofSeconds(600));
    SecretFollower follower = opened();
    List<Boolean> hadPrevious = new ArrayList<>();
    follower.live().onRotation(next -> hadPrevious.add(follower.live().previous().isPresent()));

    source.expireAllLeases();
    run(follower, Duration.ofSeconds(16));

    assertAlive(follower);
    assertThat(follower.live().get("username")).isEqualTo("user2");
    assertThat(hadPrevious).containsExactly(false);
    assertThat(source.requests).noneMatch(request -> request.startsWith("revoke"));
  }

  @Test
  void requestsOtherCredentialsWhenTheApplicationHasLoggedInAgain() {
    source.leasing(Duration.ofSeconds(60), Duration.ofSeconds(600));
    SecretFollower follower = opened();
    SecretValue first = follower.live().current();

    assertThat(follower.loggedInAgain(clock.instant().plusSeconds(3600))).isTrue();
    Duration next = step(follower);

    assertThat(follower.live().get("username")).isEqualTo("user2");
    assertThat(follower.live().previous()).contains(first);
    assertThat(next).isEqualTo(Duration.ofSeconds(15));
    run(follower, Duration.ofSeconds(31));
    assertThat(source.requests).contains("revoke lease1");
    assertThat(source.requests.stream().filter("read"::equals)).hasSize(2);
  }

  @Test
  void keepsReplacedCredentialsNoLongerThanTheirLogin() {
    source.leasing(Duration.ofSeconds(60), Duration.ofSeconds(600));
    SecretFollower follower = opened();
    SecretValue first = follower.live().current();

    follower.loggedInAgain(clock.instant().plusSeconds(5));
    Duration next = step(follower);

    assertThat(follower.live().previous()).contains(first);
    assertThat(follower.live().overlap()).isEqualTo(Duration.ofSeconds(5));
    assertThat(next).isEqualTo(Duration.ofSeconds(5));
    clock.advance(Duration.ofSeconds(5));
    assertThat(follower.live().previous()).as("before anything else is done").isEmpty();
    follower.step();
    assertThat(source.requests).as("it ended with the login").doesNotContain("revoke lease1");
    assertThat(follower.status().lease().previous()).isZero();
  }

  @Test
  void dropsReplacedCredentialsWhenTheirLoginHasEnded() {
    source.leasing(Duration.ofSeconds(60), Duration.ofSeconds(600));
    SecretFollower follower = opened();
    List<Boolean> hadPrevious = new ArrayList<>();
    follower.live().onRotation(next -> hadPrevious.add(follower.live().previous().isPresent()));
    follower.rotate();

    follower.loggedInAgain(clock.instant());
    assertThat(follower.live().previous()).as("before another is read").isEmpty();
    follower.step();

    assertThat(hadPrevious).containsExactly(true, false);
    assertThat(follower.live().get("username")).isEqualTo("user3");
    assertThat(source.requests).containsExactly("read", "read", "read");
  }

  @Test
  void endsALeaseWithTheLoginThatMayHaveTakenIt() {
    source.leasing(Duration.ofSeconds(60), Duration.ofSeconds(600));
    SecretFollower follower = opened();
    Instant end = clock.instant().plusSeconds(5);
    source.reading = () -> join(new Thread(() -> follower.loggedInAgain(end)));

    follower.rotate();
    source.reading = () -> {};
    assertThat(follower.status().lease().endsAt()).isEqualTo(end);
    follower.step();

    assertThat(follower.live().get("username")).isEqualTo("user3");
    assertThat(follower.status().lease().endsAt()).isAfter(end);
  }

  @Test
  void endsALeaseWithTheLoginThatMayHaveTakenItWhenFirstRead() {
    source.leasing(Duration.ofSeconds(60), Duration.ofSeconds(600));
    SecretFollower follower = follower(Duration.ZERO, null);
    Instant end = clock.instant().plusSeconds(5);
    source.reading = () -> join(new Thread(() -> follower.loggedInAgain(end)));

    follower.open();

    assertThat(follower.status().lease().endsAt()).isEqualTo(end);
  }

  private static void join(Thread thread) {
    thread.start();
    try {
      thread.join();
    } catch (InterruptedException ex) {
      throw new AssertionError(ex);
    }
  }

  @Test
  void renewsALeaseThatEndsWithItsLoginWhenOthersAreUnavailable() {
    source.leasing(Duration.ofSeconds(60), Duration.ofSeconds(600));
    SecretFollower follower = opened();
    Instant end = clock.instant().plusSeconds(40);
    follower.loggedInAgain(end);
    source.readFailure = new LatchkeyException("the database is down", "Start it");

    run(follower, Duration.ofSeconds(30));
    assertThat(source.requests).as("renewed meanwhile").contains("renew 60");
    assertThat(follower.status().lease().endsAt()).isEqualTo(end);
    source.readFailure = null;
    run(follower, Duration.ofSeconds(10));

    assertThat(follower.live().get("username")).isEqualTo("user2");
    assertThat(follower.live().previous()).isEmpty();
  }

  @Test
  void requestsNoOtherLeaseWhenTheLoginCameBeforeTheFirst() {
    source.leasing(Duration.ofSeconds(60), Duration.ofSeconds(600));
    SecretFollower follower = follower(Duration.ZERO, null);

    assertThat(follower.loggedInAgain(clock.instant())).isFalse();
    follower.open();
    follower.step();

    assertThat(source.requests.stream().filter("read"::equals)).hasSize(1);
  }

  @Test
  void stepsSoonWhenALoginCameDuringARenewal() {
    source.leasing(Duration.ofHours(1), Duration.ofHours(10));
    SecretFollower follower = opened();
    source.renewing = () -> follower.loggedInAgain(clock.instant().plusSeconds(60));

    assertThat(follower.refresh().next()).isEqualTo(Duration.ofMillis(100));
  }

  @Test
  void keepsRenewingWhenOtherCredentialsAreUnavailable() {
    source.leasing(Duration.ofSeconds(60), Duration.ofDays(1));
    SecretFollower follower = opened();
    follower.loggedInAgain(clock.instant().plusSeconds(3600));
    source.readFailure = new LatchkeyException("the database is down", "Start it");

    run(follower, Duration.ofMinutes(5));

    assertAlive(follower);
    source.readFailure = null;
    run(follower, Duration.ofSeconds(10));
    assertThat(follower.live().get("username")).isEqualTo("user2");
  }

  @Test
  void retriesRevocationUntilTheLeaseEnds() {
    source.leasing(Duration.ofSeconds(60), Duration.ofSeconds(600));
    SecretFollower follower = opened();
    source.revokeFailure = new StoreUnavailableException("the test's store is slow", "Wait");
    follower.rotate();

    run(follower, Duration.ofSeconds(50));
    long attempts = source.requests.stream().filter("revoke lease1"::equals).count();
    assertThat(attempts).isGreaterThan(2);
    assertThat(follower.live().previous()).isEmpty();
    run(follower, Duration.ofSeconds(100));
    attempts = source.requests.stream().filter("revoke lease1"::equals).count();
    run(follower, Duration.ofSeconds(100));

    assertThat(source.requests.stream().filter("revoke lease1"::equals)).hasSize((int) attempts);
    assertThat(events).noneMatch(SecretRefreshFailed.class::isInstance);
  }

  @Test
  void revokesEveryLeaseWhenItIsClosed() {
    source.leasing(Duration.ofSeconds(60), Duration.ofSeconds(600));
    SecretFollower follower = opened();
    follower.rotate();

    follower.close();
    follower.step();

    assertThat(source.requests).containsExactly("read", "read", "revoke lease2", "revoke lease1");
    assertThat(follower.live().get("username")).isEqualTo("user2");
  }

  @Test
  void revokesALeaseThatWasGrantedWhileItWasClosed() throws InterruptedException {
    source.leasing(Duration.ofSeconds(60), Duration.ofSeconds(600));
    SecretFollower follower = opened();
    Thread closing = new Thread(follower::close);
    source.reading =
        () -> {
          closing.start();
          await().until(() -> closing.getState() == Thread.State.BLOCKED);
        };

    follower.rotate();
    closing.join();

    assertThat(source.leases).isEmpty();
    assertThatExceptionOfType(LatchkeyException.class)
        .isThrownBy(follower::rotate)
        .withMessage("Cannot read secret 'payments': the application has stopped");
    assertThatExceptionOfType(LatchkeyException.class).isThrownBy(follower::open);
  }

  @Test
  void renewsAtOnceWhenTheClockWasSetBack() {
    source.leasing(Duration.ofSeconds(60), Duration.ofSeconds(600));
    SecretFollower follower = opened();

    clock.advance(Duration.ofHours(-1));
    follower.step();

    assertThat(source.requests).contains("renew 60");
  }

  @Test
  void readsAStaticRoleWhenItsRotationIsDue() {
    source.holdsStatic("v1", Duration.ofSeconds(10));
    SecretFollower follower = follower(Duration.ZERO, null);
    Duration next = follower.open();
    assertThat(next).isBetween(Duration.ofSeconds(10), Duration.ofSeconds(11));

    source.holdsStatic("v1", Duration.ZERO);
    assertThat(follower.step().next()).as("the store is late").isEqualTo(Duration.ofSeconds(1));
    source.holdsStatic("v2", Duration.ofSeconds(10));
    follower.step();

    assertThat(follower.live().get("password")).isEqualTo("v2");
    assertThat(events).containsExactly(new SecretRotated("payments", Kind.STATIC_ROLE, 2, 1));
  }

  @Test
  void keepsTheNewPasswordOfAStaticRoleWhenAStandbyIsStale() {
    Instant changed = clock.instant();
    source.holdsStatic("v2", Duration.ofSeconds(10), changed);
    SecretFollower follower = opened();

    source.proved = false;
    source.holdsStatic("v1", Duration.ofSeconds(10), changed.minusSeconds(10));
    follower.refresh();

    assertThat(follower.live().get("password")).isEqualTo("v2");
  }

  @Test
  void readsAStaticRoleAtLeastOncePerInterval() {
    source.holdsStatic("v1", Duration.ofDays(90));

    assertThat(follower(Duration.ZERO, null).open()).isEqualTo(INTERVAL);
  }

  @Test
  void renewsTheLeaseWhenACallerAsksForARefresh() {
    source.leasing(Duration.ofSeconds(60), Duration.ofSeconds(600));
    SecretFollower follower = opened();

    follower.refresh();
    assertThat(follower.live().get("username")).isEqualTo("user1");
    assertThat(source.requests).containsExactly("read", "renew 60");

    source.renewFailure = new StoreUnavailableException("no such user in the database", "Look");
    follower.refresh();
    assertThat(follower.live().get("username")).isEqualTo("user2");
  }

  @Test
  void notifiesEveryListenerWhenOneFails() {
    SecretFollower follower = opened();
    List<Long> told = new ArrayList<>();
    follower
        .live()
        .onRotation(
            version -> {
              throw new IllegalStateException("canary-" + version.get("password"));
            });
    follower.live().onRotation(version -> told.add(version.version()));

    source.holds("v2", 2);
    follower.step();

    assertThat(told).containsExactly(2L);
    assertThat(follower.status().problem()).isNull();
  }

  @Test
  void namesTheSecretWhenItCannotBeRead() {
    source.readFailure = new LatchkeyException("permission denied in the test's store", "Allow it");

    assertThatExceptionOfType(LatchkeyException.class)
        .isThrownBy(this::opened)
        .withMessage(
            "Cannot read secret 'payments' (vault@kv/payments): permission denied in the test's store")
        .satisfies(ex -> assertThat(ex.action()).isEqualTo("Allow it"));
  }

  @Test
  void refusesAReferenceWhenItPinsAVersion() {
    assertThatExceptionOfType(LatchkeyException.class)
        .isThrownBy(
            () ->
                new RotatingSecretDefinition(
                    "payments",
                    SecretReference.parsePath("vault@kv/payments?version=3"),
                    Duration.ZERO,
                    null))
        .withMessage(
            "Secret 'payments' pins a version (vault@kv/payments?version=3), so it would never"
                + " rotate");
  }

  @Test
  void printsNoValue() {
    source.holds("canary", 1);
    SecretFollower follower = opened();

    assertThat(
            List.of(
                follower.live().current().toString(),
                follower.live().toString(),
                follower.status().toString(),
                source.read(REFERENCE.path(), null).toString()))
        .noneMatch(text -> text.contains("canary"));
    assertThatExceptionOfType(LatchkeyException.class)
        .isThrownBy(() -> follower.live().get("passwort"))
        .withMessage("vault@kv/payments has no field 'passwort' (found password)")
        .satisfies(ex -> assertThat(ex.action()).isEqualTo("Did you mean 'password'?"));
  }
}
