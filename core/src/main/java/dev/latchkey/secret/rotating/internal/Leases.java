package dev.latchkey.secret.rotating.internal;

import dev.latchkey.LatchkeyException;
import dev.latchkey.StoreUnavailableException;
import dev.latchkey.secret.Lease;
import dev.latchkey.secret.LeaseExpiredException;
import dev.latchkey.secret.RotatingSource;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The lease in use of one secret, and those before it that have not ended yet. */
final class Leases {

  /** When to try again to end a lease. */
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private final RotatingSource source;
  private final SecretJournal journal;
  private final List<Retired> retired = new CopyOnWriteArrayList<>();
  private volatile @Nullable LeaseTerm term;

  Leases(RotatingSource source, SecretJournal journal) {
    this.source = source;
    this.journal = journal;
  }

  Optional<LeaseTerm> term() {
    return Optional.ofNullable(term);
  }

  /**
   * How much of the overlap that is wanted there can be; where another lease is still kept, how
   * much there was of it.
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

  /** Whether a lease that another has taken the place of is still good. */
  boolean isKept(Lease lease, Instant now) {
    return retired.stream()
        .anyMatch(
            each ->
                each.inUse
                    && each.term.lease().id().equals(lease.id())
                    && now.isBefore(each.until));
  }

  /**
   * Takes another lease into use, or none.
   *
   * @param at when it was asked for
   * @param ended whether the one before is known to have ended; else it is kept for the overlap, or
   *     to its end
   */
  synchronized void take(
      @Nullable Lease lease, Instant at, Instant now, Duration overlap, boolean ended) {
    LeaseTerm before = term;
    if (before != null && !ended && !before.isOver(now)) {
      Instant until = now.plus(granted(before, overlap));
      retired.add(
          new Retired(before, until.isBefore(before.endsAt()) ? until : before.endsAt(), true));
    }
    term = lease == null ? null : LeaseTerm.taken(lease, at);
  }

  /** Leases that there are now end with the login that they were taken with. */
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
   * @param overlap that it shall leave room for
   * @throws LeaseExpiredException if it has ended
   */
  void renew(LeaseTerm current, Duration overlap, Instant now) {
    Duration asked = current.increment(overlap);
    LeaseTerm renewed = current.renewed(source.renew(current.lease(), asked), asked, now);
    replace(current, renewed);
    renewed
        .third()
        .filter(third -> third.compareTo(overlap) < 0)
        .ifPresent(third -> journal.overlapCut(overlap, third));
  }

  /** The end of its login may have become known meanwhile. */
  private synchronized void replace(LeaseTerm current, LeaseTerm next) {
    term = next.endingWith(term().orElse(current).loginEndsAt());
  }

  /** The lease in use will end when it now does. */
  void cannotRenew(LeaseTerm current) {
    replace(current, current.unrenewable());
  }

  /**
   * Ends what nobody uses any more.
   *
   * @return whether every lease before the one in use is over
   */
  boolean endOverdue(Instant now) {
    for (Retired each : overdue(now)) {
      if (!each.term.isOver(now)
          && !revoke(each.term)
          && now.plus(PATIENCE).isBefore(each.term.endsAt())) {
        retired.add(new Retired(each.term, now.plus(PATIENCE), false));
      }
    }
    return retired.stream().noneMatch(Retired::inUse);
  }

  private synchronized List<Retired> overdue(Instant now) {
    List<Retired> overdue = retired.stream().filter(each -> !now.isBefore(each.until)).toList();
    retired.removeAll(overdue);
    return overdue;
  }

  /** When something is due here, if anything is. */
  Stream<Instant> dueAt() {
    return Stream.concat(
        term().map(LeaseTerm::dueAt).stream(), retired.stream().map(Retired::until));
  }

  int retired() {
    return retired.size();
  }

  /** Ends all. */
  void revokeAll() {
    term().ifPresent(this::revoke);
    retired.forEach(each -> revoke(each.term));
    retired.clear();
    term = null;
  }

  /** Whether there is no use in another attempt. */
  private boolean revoke(LeaseTerm old) {
    try {
      source.revoke(old.lease());
      return true;
    } catch (StoreUnavailableException ex) {
      journal.notRevoked(ex);
      return false;
    } catch (LatchkeyException ex) {
      journal.notRevoked(ex);
      return true;
    }
  }

  /**
   * A lease that another has taken the place of.
   *
   * @param until when to end it
   * @param inUse whether somebody may still use what came with it
   */
  private record Retired(LeaseTerm term, Instant until, boolean inUse) {

    Retired endingWith(Instant end) {
      return new Retired(term.endingWith(end), end.isBefore(until) ? end : until, inUse);
    }
  }
}
