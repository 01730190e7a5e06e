package dev.latchkey.secret.rotating.internal;

import dev.latchkey.LatchkeyException;
import dev.latchkey.StoreUnavailableException;
import dev.latchkey.follow.internal.Followed;
import dev.latchkey.follow.internal.Followers;
import dev.latchkey.follow.internal.Following;
import dev.latchkey.follow.internal.Pacing;
import dev.latchkey.follow.internal.Step;
import dev.latchkey.secret.Lease;
import dev.latchkey.secret.SecretSource;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The lease of a value that stays the same: renewed while the store allows it, never replaced. */
final class PinnedLease implements Followed {

  private static final Logger logger = LoggerFactory.getLogger(PinnedSecretSource.class);

  private final String path;
  private final Leases leases;
  private final Clock clock;
  private final Pacing pacing = new Pacing(new SecureRandom());
  private final Following following;

  /** Starts to follow a lease that was requested at {@code takenAt}. */
  static PinnedLease follow(
      String path,
      Lease lease,
      Instant takenAt,
      SecretSource source,
      Followers followers,
      Clock clock) {
    PinnedLease pinned = new PinnedLease(path, source, followers, clock);
    pinned.leases.take(lease, takenAt, takenAt, Duration.ZERO, false);
    pinned.following.start(pinned.next().next());
    return pinned;
  }

  private PinnedLease(String path, SecretSource source, Followers followers, Clock clock) {
    this.path = path;
    this.leases = new Leases(() -> source, new SecretEvents(path, event -> {}));
    this.clock = clock;
    this.following = followers.follow(this);
  }

  @Override
  public String description() {
    return "Lease of " + path;
  }

  @Override
  public Step step() {
    LeaseTerm term = leases.term().orElseThrow();
    Instant now = clock.instant();
    try {
      leases.renew(term, Duration.ZERO, now);
      pacing.succeeded();
    } catch (StoreUnavailableException ex) {
      if (!term.isOver(now)) {
        return new Step(pacing.backoff(term.longestBackoff()), false);
      }
      return expires("expired while the store was unavailable");
    } catch (LatchkeyException ex) {
      return expires("cannot be renewed: " + ex.getMessage());
    }
    LeaseTerm renewed = leases.term().orElseThrow();
    return renewed.capped() ? expires("expires at " + renewed.endsAt()) : next();
  }

  private Step next() {
    LeaseTerm term = leases.term().orElseThrow();
    if (term.capped()) {
      return Step.last();
    }
    Duration next = Duration.between(clock.instant(), term.dueAt());
    return new Step(next.compareTo(Pacing.SHORTEST) > 0 ? next : Pacing.SHORTEST, false);
  }

  private Step expires(String how) {
    logger.warn(
        "The lease of {} {}. Whatever uses these credentials fails from then on, until you restart"
            + " the application",
        path,
        how);
    return Step.last();
  }

  /** Revokes the lease. */
  CompletableFuture<@Nullable Void> close() {
    return following.stop(leases::revokeAll);
  }
}
