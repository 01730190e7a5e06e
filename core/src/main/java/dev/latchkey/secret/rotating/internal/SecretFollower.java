package dev.latchkey.secret.rotating.internal;

import dev.latchkey.LatchkeyException;
import dev.latchkey.StoreUnavailableException;
import dev.latchkey.follow.internal.Followed;
import dev.latchkey.follow.internal.Step;
import dev.latchkey.secret.AbsentSecretException;
import dev.latchkey.secret.LeaseExpiredException;
import dev.latchkey.secret.SecretSource;
import dev.latchkey.secret.SecretStatus;
import dev.latchkey.secret.SecretValue;
import dev.latchkey.secret.rotating.internal.LiveSecret.Confirmation;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Follows one secret in its store: polls it, renews and replaces its leases, and starts using what
 * it finds.
 */
final class SecretFollower implements Followed {

  private final RotatingSecretDefinition definition;
  private final Supplier<SecretSource> source;
  private final SecretSchedule schedule;
  private final Clock clock;
  private final SecretEvents events;
  private final LiveSecret live;
  private final Leases leases;
  private volatile boolean anotherLogin;
  private volatile Instant previousLoginEndsAt = Instant.MAX;
  private volatile @Nullable Thread reader;
  private volatile @Nullable SecretValue held;
  private boolean closed;

  /**
   * @param source opened when the secret is read
   * @param interval how often to poll the store, at least
   */
  SecretFollower(
      RotatingSecretDefinition definition,
      Supplier<SecretSource> source,
      Duration interval,
      Clock clock,
      RandomGenerator random,
      SecretEvents events) {
    this.definition = definition;
    this.source = source;
    this.schedule = new SecretSchedule(interval, definition.maxAge(), random);
    this.clock = clock;
    this.events = events;
    this.leases = new Leases(source, events);
    this.live = new LiveSecret(definition, clock, events, leases);
  }

  RotatingSecretDefinition definition() {
    return definition;
  }

  LiveSecret live() {
    return live;
  }

  @Override
  public String description() {
    return "Secret " + definition.name();
  }

  /**
   * Reads the secret for the first time.
   *
   * @return how long until the next step is due
   * @throws LatchkeyException if it cannot be read, or if this is closed
   */
  synchronized Duration open() {
    requireOpen();
    try {
      read(false);
    } catch (LatchkeyException ex) {
      throw new LatchkeyException(
          "Cannot read secret '%s' (%s): %s"
              .formatted(definition.name(), definition.reference(), ex.getMessage()),
          ex.action(),
          ex);
    }
    return untilDue();
  }

  @Override
  public synchronized Step step() {
    return attempt(this::follow);
  }

  @Override
  public synchronized Step refresh() {
    return attempt(this::ask);
  }

  /**
   * Reads the secret again, which requests other credentials if it is leased.
   *
   * @throws LatchkeyException if that fails, or if this is closed; the last good value stays in use
   */
  synchronized void rotate() {
    requireOpen();
    read(false);
  }

  /** After that, nothing would revoke a new lease. */
  private void requireOpen() {
    if (closed) {
      throw new LatchkeyException(
          "Cannot read secret '%s': the application has stopped".formatted(definition.name()),
          "Read it while the application runs.");
    }
  }

  /**
   * The application has logged in again: leases that were taken with the previous login expire with
   * it.
   *
   * @param previousEndsAt when that is
   * @return whether that concerns this secret
   */
  boolean loggedInAgain(Instant previousEndsAt) {
    boolean isOwnLogin = Thread.currentThread() == reader;
    if (!isOwnLogin) {
      previousLoginEndsAt = previousEndsAt;
      anotherLogin = true;
    }
    leases.endWith(previousEndsAt);
    return !isOwnLogin && leases.term().isPresent();
  }

  private Step attempt(Runnable task) {
    if (closed) {
      return Step.last();
    }
    SecretValue before = live.held();
    Duration next;
    try {
      if (leases.revokeOverdue(clock.instant())) {
        live.dropPreviousLease();
      }
      task.run();
      events.succeeded();
      next = untilDue();
    } catch (LatchkeyException ex) {
      events.failed(ex);
      next = schedule.afterFailure(held(), leases);
    } finally {
      events.stale(live.isStale());
    }
    return new Step(next, live.held() != before);
  }

  private void follow() {
    switch (held().kind()) {
      case KV -> followKeyValue();
      case STATIC_ROLE -> read(false);
      case LEASE -> followLease();
    }
  }

  private void ask() {
    LeaseTerm term = leases.term().orElse(null);
    if (term == null) {
      follow();
      return;
    }
    try {
      renew(term);
    } catch (StoreUnavailableException ex) {
      read(false); // it cannot be renewed if what it gives access to is gone
    }
  }

  private void followKeyValue() {
    switch (source.get().check(definition.reference().path(), held())) {
      case CHANGED -> read(false);
      case UNCHANGED -> live.confirm(Confirmation.at(clock.instant()));
      case UNPROVED -> {}
    }
  }

  private void followLease() {
    LeaseTerm term = leases.term().orElseThrow();
    boolean due = term.isDue(clock.instant());
    if (anotherLogin || (due && term.capped())) {
      try {
        read(false);
      } catch (LatchkeyException ex) {
        if (due && !term.capped()) {
          renew(term);
        }
        throw ex;
      }
    } else if (due) {
      renew(term);
    }
  }

  private void renew(LeaseTerm term) {
    Instant now = clock.instant();
    try {
      leases.renew(term, live.wantedOverlap(), now);
      live.confirm(confirmation(now));
    } catch (LeaseExpiredException ex) {
      events.leaseExpired(term.lease(), ex);
      read(true);
    } catch (StoreUnavailableException ex) {
      throw ex;
    } catch (LatchkeyException ex) {
      leases.cannotRenew(term);
      throw ex;
    }
  }

  /**
   * @param leaseExpired whether the lease in use is known to have expired
   */
  private void read(boolean leaseExpired) {
    Instant at = clock.instant();
    SecretValue next = readByThisLogin();
    SecretValue before = held;
    if (before != null && next.lease().isEmpty() && before.kind() == next.kind()) {
      if (!next.proved() && isOlder(next, before)) {
        return; // from a stale standby
      }
      if (isSame(next, before)) {
        held = next;
        if (next.proved()) {
          live.confirm(Confirmation.at(at));
        }
        return;
      }
    }
    leases.take(next.lease().orElse(null), at, clock.instant(), live.wantedOverlap(), leaseExpired);
    if (anotherLogin) {
      leases.endWith(previousLoginEndsAt); // the lease may have been taken with that login
    }
    held = next;
    live.publish(numbered(next), at, !leaseExpired, next.proved() ? confirmation(at) : null);
  }

  /** Whether it is the same value, and not another one that happens to look alike. */
  private static boolean isSame(SecretValue next, SecretValue before) {
    return next.version() > 0
        ? next.version() == before.version() && next.changedAt().equals(before.changedAt())
        : next.values().equals(before.values());
  }

  /** Whether it is an earlier value, as far as versions and times show. */
  private static boolean isOlder(SecretValue next, SecretValue before) {
    return next.version() > 0
        ? next.version() < before.version()
        : next.changedAt().isPresent()
            && before.changedAt().filter(next.changedAt().get()::isBefore).isPresent();
  }

  private SecretValue numbered(SecretValue next) {
    SecretValue before = live.held();
    return next.version() > 0 ? next : next.withVersion(before == null ? 1 : before.version() + 1);
  }

  /** A lease is confirmed until its end. */
  private Confirmation confirmation(Instant at) {
    return new Confirmation(at, leases.term().map(LeaseTerm::endsAt).orElse(at));
  }

  /** A login by another thread meanwhile may be older or newer than what is read. */
  private SecretValue readByThisLogin() {
    boolean wasAnother = anotherLogin;
    anotherLogin = false;
    reader = Thread.currentThread();
    try {
      String path = definition.reference().path();
      return source.get().readNewest(path).orElseThrow(() -> absent(path));
    } catch (LatchkeyException ex) {
      anotherLogin |= wasAnother;
      throw ex;
    } finally {
      reader = null;
    }
  }

  private AbsentSecretException absent(String path) {
    return new AbsentSecretException(
        "%s has no secret at %s".formatted(source.get().description(), path),
        source.get().howToWrite(path, "name", true).orElse("Write it before startup.")
            + " Or correct the path.");
  }

  private SecretValue held() {
    return Objects.requireNonNull(held, "The secret has not been read");
  }

  private Duration untilDue() {
    return schedule.afterSuccess(held(), leases, anotherLogin, clock.instant());
  }

  SecretStatus status() {
    SecretValue current = live.held();
    SecretValue newest = held();
    return new SecretStatus(
        definition.reference(),
        definition.maxAge(),
        newest.kind(),
        current == null ? newest.version() : current.version(),
        newest.changedAt().orElse(null),
        live.readAt(),
        live.confirmedAt(),
        live.isStale(),
        leases.term().map(this::leaseStatus).orElse(null),
        events.problem(),
        events.counts());
  }

  private SecretStatus.LeaseStatus leaseStatus(LeaseTerm term) {
    return new SecretStatus.LeaseStatus(
        term.lease().id(),
        term.lease().renewable(),
        term.takenAt(),
        term.renewedAt(),
        term.endsAt(),
        term.capped() ? term.dueAt() : null,
        live.overlap(),
        leases.retired());
  }

  /** Revokes all leases. */
  synchronized void close() {
    if (!closed) {
      closed = true;
      leases.revokeAll();
    }
  }
}
