package dev.latchkey.secret.rotating.internal;

import dev.latchkey.LatchkeyException;
import dev.latchkey.StoreUnavailableException;
import dev.latchkey.secret.Lease;
import dev.latchkey.secret.LeaseExpiredException;
import dev.latchkey.secret.SecretSource;
import dev.latchkey.secret.SecretSource.News;
import dev.latchkey.secret.SecretValue;
import dev.latchkey.secret.SecretValue.Kind;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A source that keeps values, leases credentials and rotates static roles, by a clock that the test
 * moves, and that can be cut off.
 */
final class FakeSecretSource implements SecretSource {

  private static final String PATH = "kv/payments";

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
  Runnable checking = () -> {};
  Runnable renewing = () -> {};
  private Consumer<Instant> login = beforeEndsAt -> {};
  private SecretValue value = SecretValue.keyValue(PATH, Map.of("password", "v1"), 1);
  private int leased;
  private Kind kind = Kind.KV;

  FakeSecretSource(Clock clock) {
    this.clock = clock;
  }

  FakeSecretSource leasing(Duration standard, Duration greatest) {
    kind = Kind.LEASE;
    this.standard = standard;
    this.greatest = greatest;
    return this;
  }

  void holds(String password, long version) {
    value =
        SecretValue.keyValue(PATH, Map.of("password", password), version, clock.instant(), proved);
  }

  void holdsStatic(String password, Duration changesIn) {
    holdsStatic(password, changesIn, null);
  }

  void holdsStatic(String password, Duration changesIn, @Nullable Instant changedAt) {
    kind = Kind.STATIC_ROLE;
    value =
        SecretValue.staticRole(PATH, Map.of("password", password), changedAt, proved, changesIn);
  }

  void isCutOff() {
    failure = new StoreUnavailableException("the test's store is down", "Start it");
  }

  void isBack() {
    failure = null;
  }

  /** The previous login ends by itself. */
  void loginChanges(Instant beforeEndsAt) {
    login.accept(beforeEndsAt);
  }

  void expireAllLeases() {
    leases.clear();
  }

  boolean isAlive(SecretValue credentials) {
    Instant end = leases.get(credentials.lease().orElseThrow().id());
    return end != null && end.isAfter(clock.instant());
  }

  @Override
  public Optional<SecretValue> read(String path, @Nullable Long version) {
    request("read");
    reading.run();
    if (logsInToRead) {
      login.accept(clock.instant());
    }
    if (readFailure != null) {
      throw readFailure;
    }
    if (path.endsWith("/denied")) {
      throw new LatchkeyException("permission denied in the test's store", "Allow it");
    }
    if (kind != Kind.LEASE) {
      return Optional.of(value);
    }
    String id = "lease" + ++leased;
    leases.put(id, clock.instant().plus(standard));
    longest.put(id, clock.instant().plus(greatest));
    return Optional.of(
        SecretValue.leased(
            path,
            Map.of("username", "user" + leased, "password", "p" + leased),
            new Lease(id, standard, renewable)));
  }

  @Override
  public News check(String path, SecretValue held) {
    request("check");
    checking.run();
    if (value.version() == 0
        ? !value.values().equals(held.values())
        : value.version() != held.version() || !value.changedAt().equals(held.changedAt())) {
      return News.CHANGED;
    }
    return proved ? News.UNCHANGED : News.UNPROVED;
  }

  @Override
  public void write(String path, Map<String, @Nullable Object> fields, long expectedVersion) {
    throw new UnsupportedOperationException();
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
      throw new LeaseExpiredException("the lease no longer exists", "Request another");
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
