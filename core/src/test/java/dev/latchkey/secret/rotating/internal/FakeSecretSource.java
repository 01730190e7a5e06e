package dev.latchkey.secret.rotating.internal;

import dev.latchkey.LatchkeyException;
import dev.latchkey.StoreUnavailableException;
import dev.latchkey.secret.Lease;
import dev.latchkey.secret.LeaseExpiredException;
import dev.latchkey.secret.RotatingSource;
import dev.latchkey.secret.SecretData;
import dev.latchkey.secret.SecretKind;
import dev.latchkey.secret.SecretNews;
import dev.latchkey.secret.SecretReading;
import dev.latchkey.secret.SecretReference;
import dev.latchkey.secret.SecretValue;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A source that keeps values, lends credentials and changes the passwords of static roles, by a
 * clock that the test moves; and that can be cut off.
 */
final class FakeRotatingSource implements RotatingSource {

  private final Clock clock;

  final List<String> requests = new CopyOnWriteArrayList<>();
  final Map<String, Instant> leases = new HashMap<>();
  private final Map<String, Instant> longest = new HashMap<>();
  Duration standard = Duration.ofSeconds(60);
  Duration greatest = Duration.ofSeconds(600);
  boolean renewable = true;
  boolean proved = true;
  @Nullable LatchkeyException failure;
  @Nullable LatchkeyException readFailure;
  @Nullable LatchkeyException renewFailure;
  @Nullable LatchkeyException revokeFailure;
  boolean logsInToRead;
  Runnable reading = () -> {};
  Runnable renewing = () -> {};
  private Consumer<Instant> login = beforeEndsAt -> {};
  private SecretReading value =
      SecretReading.ofKeyValue(new SecretData(Map.of("password", "v1"), 1), null, true);
  private int lent;
  private SecretKind kind = SecretKind.KV;

  FakeRotatingSource(Clock clock) {
    this.clock = clock;
  }

  FakeRotatingSource lending(Duration standard, Duration greatest) {
    kind = SecretKind.LEASE;
    this.standard = standard;
    this.greatest = greatest;
    return this;
  }

  void holds(String password, long version) {
    value =
        SecretReading.ofKeyValue(
            new SecretData(Map.of("password", password), version), clock.instant(), proved);
  }

  void holdsStatic(String password, Duration changesIn) {
    holdsStatic(password, changesIn, null);
  }

  void holdsStatic(String password, Duration changesIn, @Nullable Instant changedAt) {
    kind = SecretKind.STATIC_ROLE;
    value = SecretReading.ofStaticRole(Map.of("password", password), changedAt, proved, changesIn);
  }

  void isCutOff() {
    failure = new StoreUnavailableException("the test's store is down", "Start it");
  }

  void isBack() {
    failure = null;
  }

  /** The login before ends by itself. */
  void loginChanges(Instant beforeEndsAt) {
    login.accept(beforeEndsAt);
  }

  void endsAllLeases() {
    leases.clear();
  }

  boolean isAlive(SecretValue credentials) {
    Instant end = leases.get(credentials.lease().orElseThrow().id());
    return end != null && end.isAfter(clock.instant());
  }

  @Override
  public SecretReading read(SecretReference reference) {
    request("read");
    reading.run();
    if (logsInToRead) {
      login.accept(clock.instant());
    }
    if (readFailure != null) {
      throw readFailure;
    }
    if (reference.path().endsWith("/denied")) {
      throw new LatchkeyException("the test's store denies it", "Allow it");
    }
    if (kind != SecretKind.LEASE) {
      return value;
    }
    String id = "lease" + ++lent;
    leases.put(id, clock.instant().plus(standard));
    longest.put(id, clock.instant().plus(greatest));
    return SecretReading.ofLease(
        Map.of("username", "user" + lent, "password", "p" + lent),
        new Lease(id, standard, renewable));
  }

  @Override
  public SecretNews check(SecretReference reference, SecretReading held) {
    request("check");
    if (!value.isSameAs(held)) {
      return SecretNews.CHANGED;
    }
    return proved ? SecretNews.UNCHANGED : SecretNews.UNPROVED;
  }

  @Override
  public Lease renew(Lease lease, Duration increment) {
    request("renew " + increment.toSeconds());
    renewing.run();
    if (renewFailure != null) {
      throw renewFailure;
    }
    Instant end = leases.get(lease.id());
    Instant now = clock.instant();
    if (end == null || !end.isAfter(now)) {
      throw new LeaseExpiredException("the test's store knows no such lease", "Take another");
    }
    Instant asked = now.plus(increment);
    Instant last = longest.get(lease.id());
    Instant granted = asked.isBefore(last) ? asked : last;
    leases.put(lease.id(), granted);
    return new Lease(lease.id(), Duration.between(now, granted), true);
  }

  @Override
  public void revoke(Lease lease) {
    request("revoke " + lease.id());
    if (revokeFailure != null) {
      throw revokeFailure;
    }
    leases.remove(lease.id());
  }

  @Override
  public void onLogin(Consumer<Instant> listener) {
    login = listener;
  }

  @Override
  public String description() {
    return "the test's store";
  }

  private void request(String request) {
    requests.add(request);
    if (failure != null) {
      throw failure;
    }
  }
}
