package dev.latchkey.secret.rotating.internal;

import dev.latchkey.LatchkeyException;
import dev.latchkey.secret.Lease;
import dev.latchkey.secret.LeaseExpiredException;
import dev.latchkey.secret.RotatingSecret;
import dev.latchkey.secret.SecretEvent;
import dev.latchkey.secret.SecretEvent.SecretConfirmed;
import dev.latchkey.secret.SecretEvent.SecretExpired;
import dev.latchkey.secret.SecretEvent.SecretRefreshFailed;
import dev.latchkey.secret.SecretEvent.SecretRefreshRecovered;
import dev.latchkey.secret.SecretEvent.SecretRotated;
import dev.latchkey.secret.SecretKind;
import dev.latchkey.secret.SecretStatus;
import dev.latchkey.secret.SecretValue;
import java.time.Duration;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells what happens to one secret: in the log, as events and as counts; news once only. */
final class SecretJournal {

  private static final Logger logger = LoggerFactory.getLogger(RotatingSecret.class);

  private final String name;
  private final Consumer<? super SecretEvent> events;
  private final LongAdder refreshes = new LongAdder();
  private final LongAdder failures = new LongAdder();
  private final LongAdder rotations = new LongAdder();
  private volatile @Nullable String problem;
  private boolean withheld;
  private boolean cut;
  private @Nullable String kept;
  private @Nullable String ended;

  SecretJournal(String name, Consumer<? super SecretEvent> events) {
    this.name = name;
    this.events = events;
  }

  /** Why the last attempt to follow failed, or null if it succeeded. */
  @Nullable String problem() {
    return problem;
  }

  SecretStatus.Counts counts() {
    return new SecretStatus.Counts(refreshes.sum(), failures.sum(), rotations.sum());
  }

  void rotated(SecretKind kind, SecretValue next, SecretValue before) {
    rotations.increment();
    logger.info(
        "Secret {} rotated: version {} is in use instead of {}",
        name,
        next.version(),
        before.version());
    events.accept(new SecretRotated(name, kind, next.version(), before.version()));
  }

  void failed(LatchkeyException ex) {
    String text = ex.getMessage() + ". " + ex.action();
    if (!text.equals(problem)) {
      logger.warn("Secret {} keeps its value in use, but: {}", name, text);
      events.accept(new SecretRefreshFailed(name, text));
    }
    problem = text;
    failures.increment();
  }

  void succeeded() {
    if (problem != null) {
      logger.info("Secret {} follows its store again", name);
      events.accept(new SecretRefreshRecovered(name));
    }
    problem = null;
    refreshes.increment();
  }

  /** Whether the secret is too old to be given. */
  void withheld(boolean now) {
    if (now && !withheld) {
      logger.error(
          "Secret {} is not given any more: the store has not confirmed it for longer than its"
              + " maximum age",
          name);
      events.accept(new SecretExpired(name));
    } else if (withheld && !now) {
      logger.info("Secret {} is given again", name);
      events.accept(new SecretConfirmed(name));
    }
    withheld = now;
  }

  void leaseEnded(Lease lease, LeaseExpiredException ex) {
    if (!lease.id().equals(ended)) {
      logger.warn("Secret {}: {}. Others are taken at once", name, ex.getMessage());
    }
    ended = lease.id();
  }

  void overlapCut(Duration wanted, Duration granted) {
    if (!cut) {
      logger.warn(
          "Secret {}: its credentials live for {} at most, so those before are kept for {} after a"
              + " rotation instead of {}. Let the role's max_ttl be at least three times as long as"
              + " their users need to finish",
          name,
          granted.multipliedBy(3),
          granted,
          wanted);
    }
    cut = true;
  }

  /** Once for each reason: such a lease ends by itself. */
  void notRevoked(LatchkeyException ex) {
    String text = ex.getMessage() + ". " + ex.action();
    if (!text.equals(kept)) {
      logger.warn(
          "Secret {}: credentials that are out of use stay valid until their lease ends: {}",
          name,
          text);
    }
    kept = text;
  }

  void listenerFailed(RuntimeException ex) {
    // its text is not ours, so it may hold anything
    logger.error("Secret {}: a listener failed: {}", name, ex.getClass().getName());
  }
}
