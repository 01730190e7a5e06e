package dev.latchkey.secret.rotating.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.latchkey.LatchkeyException;
import dev.latchkey.StoreUnavailableException;
import dev.latchkey.follow.internal.Followers;
import dev.latchkey.secret.SecretSource;
import dev.latchkey.test.MutableClock;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PinnedSecretSourceTests {

  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

  private final MutableClock clock = new MutableClock(START);
  private final FakeSecretSource source =
      new FakeSecretSource(clock).leasing(Duration.ofMinutes(1), Duration.ofMinutes(3));
  private final Followers followers = new Followers(clock);
  private final PinnedSecretSource pinned = new PinnedSecretSource(source, followers, clock);

  @AfterEach
  void stop() {
    followers.close();
  }

  private PinnedLease lease() {
    return PinnedLease.follow(
        "database/creds/orders",
        source.read("database/creds/orders", null).orElseThrow().lease().orElseThrow(),
        clock.instant(),
        (SecretSource) source,
        followers,
        clock);
  }

  @Test
  void revokesAllLeasesWhenItIsClosed() {
    pinned.read("database/creds/one", null);
    pinned.read("database/creds/other", null);

    pinned.close();

    assertThat(source.leases).isEmpty();
  }

  @Test
  void revokesALeaseThatWasGrantedWhileItWasClosed() {
    source.reading = pinned::close;

    pinned.read("database/creds/orders", null);

    await().until(source.leases::isEmpty);
    assertThat(source.requests).containsExactly("read", "revoke lease1");
  }

  @Test
  void followsNothingWhenAValueHasNoLease() {
    source.holdsStatic("v1", Duration.ofSeconds(1));

    pinned.read("database/static-creds/orders", null);
    pinned.close();

    assertThat(source.requests).containsExactly("read");
  }

  @Test
  void renewsALeaseAndNeverReplacesIt() {
    PinnedLease lease = lease();

    Duration next = Duration.ofSeconds(15);
    while (next != null) {
      clock.advance(next);
      next = lease.step().next();
    }

    assertThat(source.requests).startsWith("read", "renew 60", "renew 60");
    assertThat(source.requests.stream().filter("read"::equals)).hasSize(1);
    assertThat(source.leases).containsValue(START.plus(Duration.ofMinutes(3)));
  }

  @Test
  void renewsAgainWhenTheStoreIsBackBeforeTheLeaseEnds() {
    PinnedLease lease = lease();
    clock.advance(Duration.ofSeconds(15));
    source.isCutOff();
    assertThat(lease.step().next()).isLessThan(Duration.ofSeconds(1));

    source.isBack();

    assertThat(lease.step().next()).isEqualTo(Duration.ofSeconds(15));
  }

  @Test
  void stopsWhenALeaseExpiredWhileTheStoreWasDown() {
    PinnedLease lease = lease();
    clock.advance(Duration.ofMinutes(2));
    source.renewFailure = new StoreUnavailableException("the test's store is down", "Start it");

    assertThat(lease.step().next()).isNull();
  }

  @Test
  void stopsWhenRenewalIsDenied() {
    PinnedLease lease = lease();
    source.renewFailure = new LatchkeyException("permission denied", "Allow it");

    assertThat(lease.step().next()).isNull();
  }
}
