package dev.latchkey.secret;

import dev.latchkey.LatchkeyException;
import dev.latchkey.StoreUnavailableException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The lease in use of one secret, and those before it that have not ended yet. */
final class Leases {

  /** When to try again to end a lease. */
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private final RotatingSource source;
  private final SecretJournal journal;
  private final List<Retired> retired = new ArrayList<>();
  private volatile @Nullable LeaseTerm term;

  Leases(RotatingSource source, SecretJournal journal) {
    this.source = source;
    this.journal = journal;
  }

  Optional<LeaseTerm> term() {
    return Optional.ofNullable(term);
  }

  /** How much of the overlap that is wanted there can be. */
  Duration overlap(Duration wanted) {
    LeaseTerm current = term;
    if (current == null) {
      return Duration.ZERO;
    }
    return current.third().filter(third -> third.compareTo(wanted) < 0).orElse(wanted);
  }

  /**
   * Takes another lease into use, or none.
   *
   * @param ended whether the one before is known to have ended; else it is kept for the overlap
   */
  void take(@Nullable Lease lease, Instant at, Duration overlap, boolean ended) {
    LeaseTerm before = term;
    if (before != null && !ended) {
      Instant until = at.plus(overlap(overlap));
      retired.add(
          new Retired(before, until.isBefore(before.endsAt()) ? until : before.endsAt(), true));
    }
    term = lease == null ? null : LeaseTerm.taken(lease, at);
  }

  /**
   * Renews the lease in use.
   *
   * @param overlap that it shall leave room for
   * @throws LeaseEndedException if it has ended
   */
  void renew(LeaseTerm current, Duration overlap, Instant now) {
    Duration asked = current.increment(overlap);
    LeaseTerm renewed = current.renewed(source.renew(current.lease(), asked), asked, now);
    term = renewed;
    renewed
        .third()
        .filter(third -> third.compareTo(overlap) < 0)
        .ifPresent(third -> journal.overlapCut(overlap, third));
  }

  /** The lease in use will end when it now does. */
  void cannotRenew(LeaseTerm current) {
    term = current.unrenewable();
  }

  /**
   * Ends what nobody uses any more.
   *
   * @return whether every lease before the one in use is over
   */
  boolean endOverdue(Instant now) {
    for (Retired each : List.copyOf(retired)) {
      if (!now.isBefore(each.until)) {
        retired.remove(each);
        if (!revoke(each.term) && now.plus(PATIENCE).isBefore(each.term.endsAt())) {
          retired.add(new Retired(each.term, now.plus(PATIENCE), false));
        }
      }
    }
    return retired.stream().noneMatch(Retired::inUse);
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
  private record Retired(LeaseTerm term, Instant until, boolean inUse) {}
}
