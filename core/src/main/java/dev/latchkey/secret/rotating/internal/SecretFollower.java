package dev.latchkey.secret.rotating.internal;

import dev.latchkey.LatchkeyException;
import dev.latchkey.StoreUnavailableException;
import dev.latchkey.secret.LeaseExpiredException;
import dev.latchkey.secret.RotatingSource;
import dev.latchkey.secret.SecretReading;
import dev.latchkey.secret.SecretStatus;
import dev.latchkey.secret.SecretValue;
import dev.latchkey.secret.rotating.internal.LiveSecret.Confirmation;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Follows one secret in its store: asks for news, renews and replaces leases, and brings what it
 * finds into use. Every step tells when the next one is due.
 */
final class SecretFollower {

  private final RotatingSecretDefinition definition;
  private final RotatingSource source;
  private final Pace pace;
  private final Clock clock;
  private final SecretJournal journal;
  private final LiveSecret live;
  private final Leases leases;
  private volatile boolean anotherLogin;
  private volatile Instant loginBeforeEndsAt = Instant.MAX;
  private volatile @Nullable Thread reader;
  private volatile @Nullable SecretReading held;
  private boolean closed;

  /**
   * @param interval how often to ask for news, at least
   */
  SecretFollower(
      RotatingSecretDefinition definition,
      RotatingSource source,
      Duration interval,
      Clock clock,
      RandomGenerator random,
      SecretJournal journal) {
    this.definition = definition;
    this.source = source;
    this.pace = new Pace(interval, definition.maxAge(), random);
    this.clock = clock;
    this.journal = journal;
    this.leases = new Leases(source, journal);
    this.live = new LiveSecret(definition, clock, journal, leases);
  }

  RotatingSecretDefinition definition() {
    return definition;
  }

  LiveSecret live() {
    return live;
  }

  /**
   * Reads the secret for the first time.
   *
   * @return when the next step is due
   * @throws LatchkeyException if it cannot be read, or if this was closed
   */
  synchronized Duration open() {
    requireOpen();
    try {
      read(false);
    } catch (LatchkeyException ex) {
      throw new LatchkeyException(
          "The secret '%s' (%s) cannot be read: %s"
              .formatted(definition.name(), definition.reference(), ex.getMessage()),
          ex.action(),
          ex);
    }
    return untilDue();
  }

  /**
   * Does what is due.
   *
   * @return when the next step is due
   */
  synchronized Duration step() {
    return attempt(this::follow);
  }

  /**
   * Asks the store, whether or not anything is due.
   *
   * @return when the next step is due
   */
  synchronized Duration refresh() {
    return attempt(this::ask);
  }

  /**
   * Reads again, and takes another lease if it comes with one.
   *
   * @throws LatchkeyException if that fails, or if this was closed; the last good value stays in
   *     use
   */
  synchronized void rotate() {
    requireOpen();
    read(false);
  }

  /** Nobody would end what is lent now. */
  private void requireOpen() {
    if (closed) {
      throw new LatchkeyException(
          "The application has stopped, and reads the secret '%s' no more"
              .formatted(definition.name()),
          "Read it while the application runs.");
    }
  }

  /**
   * The application has another login: leases that were taken with the one before end with it.
   *
   * @param beforeEndsAt when that is
   * @return whether that concerns this secret
   */
  boolean loggedInAgain(Instant beforeEndsAt) {
    boolean isReadByIt = Thread.currentThread() == reader;
    if (!isReadByIt) {
      loginBeforeEndsAt = beforeEndsAt;
      anotherLogin = true;
    }
    leases.endWith(beforeEndsAt);
    return !isReadByIt && leases.term().isPresent();
  }

  private Duration attempt(Runnable task) {
    if (closed) {
      return pace.interval();
    }
    try {
      if (leases.endOverdue(clock.instant())) {
        live.dropPreviousLease();
      }
      task.run();
      journal.succeeded();
      return untilDue();
    } catch (LatchkeyException ex) {
      journal.failed(ex);
      return pace.afterFailure(held(), leases);
    } finally {
      journal.withheld(live.isWithheld());
    }
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
      read(false); // what the lease is for may be gone, so that it cannot be renewed
    }
  }

  private void followKeyValue() {
    switch (source.check(definition.reference(), held())) {
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
      journal.leaseEnded(term.lease(), ex);
      read(true);
    } catch (StoreUnavailableException ex) {
      throw ex;
    } catch (LatchkeyException ex) {
      leases.cannotRenew(term);
      throw ex;
    }
  }

  /**
   * @param leaseEnded whether the lease in use is known to have ended
   */
  private void read(boolean leaseEnded) {
    Instant at = clock.instant();
    SecretReading next = readByThisLogin();
    SecretReading before = held;
    if (before != null && next.lease() == null && before.kind() == next.kind()) {
      if (!next.proved() && next.isOlderThan(before)) {
        return; // from a node that is behind
      }
      if (next.isSameAs(before)) {
        held = next;
        if (next.proved()) {
          live.confirm(Confirmation.at(at));
        }
        return;
      }
    }
    leases.take(next.lease(), at, clock.instant(), live.wantedOverlap(), leaseEnded);
    if (anotherLogin) {
      leases.endWith(loginBeforeEndsAt); // it may have been taken with that one
    }
    held = next;
    live.publish(
        next.kind(),
        version ->
            new SecretValue(
                definition.reference(), next.fields(), number(next, version), at, next.lease()),
        !leaseEnded,
        next.proved() ? confirmation(at) : null);
  }

  /** A lease is good to its end. */
  private Confirmation confirmation(Instant at) {
    return new Confirmation(at, leases.term().map(LeaseTerm::endsAt).orElse(at));
  }

  /** A login that another thread makes meanwhile may be older or newer than what is read. */
  private SecretReading readByThisLogin() {
    boolean wasAnother = anotherLogin;
    anotherLogin = false;
    reader = Thread.currentThread();
    try {
      return source.read(definition.reference());
    } catch (LatchkeyException ex) {
      anotherLogin |= wasAnother;
      throw ex;
    } finally {
      reader = null;
    }
  }

  private static long number(SecretReading next, @Nullable SecretValue before) {
    if (next.version() > 0) {
      return next.version();
    }
    return before == null ? 1 : before.version() + 1;
  }

  private SecretReading held() {
    return Objects.requireNonNull(held, "The secret was not opened");
  }

  private Duration untilDue() {
    return pace.afterSuccess(held(), leases, anotherLogin, clock.instant());
  }

  SecretStatus status() {
    SecretReading reading = held();
    SecretValue version = live.held();
    return new SecretStatus(
        definition.reference(),
        definition.maxAge(),
        reading.kind(),
        version.version(),
        reading.changedAt(),
        version.readAt(),
        live.confirmedAt(),
        live.isWithheld(),
        leases.term().map(this::leaseStatus).orElse(null),
        journal.problem(),
        journal.counts());
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

  /** Ends all leases; follows no more. */
  synchronized void close() {
    if (!closed) {
      closed = true;
      leases.revokeAll();
    }
  }
}
