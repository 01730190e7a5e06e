package dev.latchkey.secret.rotating.internal;

import dev.latchkey.LatchkeyException;
import dev.latchkey.StoreUnavailableException;
import dev.latchkey.secret.Lease;
import dev.latchkey.secret.LeaseExpiredException;
import dev.latchkey.secret.SecretSource;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The lease in use of one secret, and those before it that have not ended yet. */
final class Leases {

  /** How long to wait before another attempt to revoke a lease. */
  private static final Duration RETRY = Duration.ofSeconds(5);

  private final Supplier<SecretSource> source;
  private final SecretEvents events;
  private final List<Retired> retired = new CopyOnWriteArrayList<>();
  private volatile @Nullable LeaseTerm term;

  Leases(Supplier<SecretSource> source, SecretEvents events) {
    this.source = source;
    this.events = events;
  }

  Optional<LeaseTerm> term() {
    return Optional.ofNullable(term);
  }

  /**
   * How much of the requested overlap is granted; while a replaced lease is still kept, how much
   * was granted to that one.
   */
  Duration overlap(Duration wanted) {
    LeaseTerm current = term;
    if (current == null) {
      return Duration.ZERO;
    }
    return retired.stream()
        .filter(Retired::inUse)
        .map(each -> Duration.between(current.takenAt(), each.until))
        .filter(kept -> !kept.isNegative() && kept.compareTo(wanted) < 0)
        .max(Duration::compareTo)
        .orElseGet(() -> granted(current, wanted));
  }

  private static Duration granted(LeaseTerm term, Duration wanted) {
    return term.third().filter(third -> third.compareTo(wanted) < 0).orElse(wanted);
  }

  /** Whether a replaced lease is still valid. */
  boolean isKept(Lease lease, Instant now) {
    return retired.stream()
        .anyMatch(
            each ->
                each.inUse
                    && each.term.lease().id().equals(lease.id())
                    && now.isBefore(each.until));
  }

  /**
   * Starts using another lease, or none.
   *
   * @param at when it was requested
   * @param expired whether the one before is known to have expired; otherwise it is kept for the
   *     overlap, or to its end
   */
  synchronized void take(
      @Nullable Lease lease, Instant at, Instant now, Duration overlap, boolean expired) {
    LeaseTerm before = term;
    if (before != null && !expired && !before.isOver(now)) {
      Instant until = now.plus(granted(before, overlap));
      retired.add(
          new Retired(before, until.isBefore(before.endsAt()) ? until : before.endsAt(), true));
    }
    term = lease == null ? null : LeaseTerm.taken(lease, at);
  }

  /** All leases that exist now end with the login that they were taken with. */
  synchronized void endWith(Instant login) {
    LeaseTerm current = term;
    if (current != null) {
      term = current.endingWith(login);
    }
    retired.replaceAll(each -> each.endingWith(login));
  }

  /**
   * Renews the lease in use.
   *
   * @param overlap that it should leave room for
   * @throws LeaseExpiredException if it has expired
   */
  void renew(LeaseTerm current, Duration overlap, Instant now) {
    Duration requested = current.increment(overlap);
    LeaseTerm renewed =
        current.renewed(source.get().renew(current.lease(), requested), requested, now);
    replace(current, renewed);
    renewed
        .third()
        .filter(third -> third.compareTo(overlap) < 0)
        .ifPresent(third -> events.overlapCut(overlap, third));
  }

  /** Keeps the end of the login, which may have become known meanwhile. */
  private synchronized void replace(LeaseTerm current, LeaseTerm next) {
    term = next.endingWith(term().orElse(current).loginEndsAt());
  }

  /** The lease in use can no longer be renewed. */
  void cannotRenew(LeaseTerm current) {
    replace(current, current.unrenewable());
  }

  /**
   * Revokes leases that are no longer in use.
   *
   * @return whether no replaced lease is in use any longer
   */
  boolean revokeOverdue(Instant now) {
    for (Retired each : overdue(now)) {
      if (!each.term.isOver(now)
          && !revoke(each.term)
          && now.plus(RETRY).isBefore(each.term.endsAt())) {
        retired.add(new Retired(each.term, now.plus(RETRY), false));
      }
    }
    return retired.stream().noneMatch(Retired::inUse);
  }

  private synchronized List<Retired> overdue(Instant now) {
    List<Retired> overdue = retired.stream().filter(each -> !now.isBefore(each.until)).toList();
    retired.removeAll(overdue);
    return overdue;
  }

  /** When each lease is due for renewal, replacement or revocation. */
  Stream<Instant> dueAt() {
    return Stream.concat(
        term().map(LeaseTerm::dueAt).stream(), retired.stream().map(Retired::until));
  }

  /** How many replaced leases have not ended yet. */
  int retired() {
    return retired.size();
  }

  /** Revokes all leases. */
  void revokeAll() {
    term().ifPresent(this::revoke);
    retired.forEach(each -> revoke(each.term));
    retired.clear();
    term = null;
  }

  /** Returns whether another attempt would be of no use. */
  private boolean revoke(LeaseTerm old) {
    try {
      source.get().revoke(old.lease());
      return true;
    } catch (StoreUnavailableException ex) {
      events.notRevoked(ex);
      return false;
    } catch (LatchkeyException ex) {
      events.notRevoked(ex);
      return true;
    }
  }

  /**
   * A replaced lease.
   *
   * @param until when to revoke it
   * @param inUse whether a consumer may still use its credentials
   */
  private record Retired(LeaseTerm term, Instant until, boolean inUse) {

    Retired endingWith(Instant end) {
      return new Retired(term.endingWith(end), end.isBefore(until) ? end : until, inUse);
    }
  }
}
