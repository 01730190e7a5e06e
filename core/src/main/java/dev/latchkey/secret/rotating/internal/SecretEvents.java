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
import dev.latchkey.secret.SecretStatus;
import dev.latchkey.secret.SecretValue;
import java.time.Duration;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reports what happens to one secret: in the log, as events and as counts. A condition that lasts
 * is reported once.
 */
final class SecretEvents {

  private static final Logger logger = LoggerFactory.getLogger(RotatingSecret.class);

  private final String name;
  private final Consumer<? super SecretEvent> events;
  private final LongAdder refreshes = new LongAdder();
  private final LongAdder failures = new LongAdder();
  private final LongAdder rotations = new LongAdder();
  private volatile @Nullable String problem;
  private boolean stale;
  private boolean overlapCut;
  private @Nullable String notRevoked;
  private @Nullable String expired;

  SecretEvents(String name, Consumer<? super SecretEvent> events) {
    this.name = name;
    this.events = events;
  }

  /** Why the last refresh failed, or null if it succeeded. */
  @Nullable String problem() {
    return problem;
  }

  SecretStatus.Counts counts() {
    return new SecretStatus.Counts(refreshes.sum(), failures.sum(), rotations.sum());
  }

  void rotated(SecretValue next, SecretValue before) {
    rotations.increment();
    logger.info(
        "Secret {}: rotated to version {} (previous {})", name, next.version(), before.version());
    events.accept(new SecretRotated(name, next.kind(), next.version(), before.version()));
  }

  void failed(LatchkeyException ex) {
    String text = text(ex);
    if (!text.equals(problem)) {
      logger.warn("Secret {}: refresh failed, the last value stays in use: {}", name, text);
      events.accept(new SecretRefreshFailed(name, text));
    }
    problem = text;
    failures.increment();
  }

  void succeeded() {
    if (problem != null) {
      logger.info("Secret {}: refresh succeeds again", name);
      events.accept(new SecretRefreshRecovered(name));
    }
    problem = null;
    refreshes.increment();
  }

  void stale(boolean now) {
    if (now && !stale) {
      logger.error(
          "Secret {} is stale: not confirmed for longer than max-age; refusing to serve it", name);
      events.accept(new SecretExpired(name));
    } else if (stale && !now) {
      logger.info("Secret {} is confirmed, and served again", name);
      events.accept(new SecretConfirmed(name));
    }
    stale = now;
  }

  void leaseExpired(Lease lease, LeaseExpiredException ex) {
    if (!lease.id().equals(expired)) {
      logger.warn("Secret {}: requesting other credentials: {}", name, ex.getMessage());
    }
    expired = lease.id();
  }

  void overlapCut(Duration wanted, Duration granted) {
    if (!overlapCut) {
      logger.warn(
          "Secret {}: credentials live for {} at most, so replaced ones stay valid for {} instead of"
              + " {}. Set the role's max_ttl to at least three times the overlap",
          name,
          granted.multipliedBy(3),
          granted,
          wanted);
    }
    overlapCut = true;
  }

  /** Reported once for each reason: such a lease expires on its own. */
  void notRevoked(LatchkeyException ex) {
    String text = text(ex);
    if (!text.equals(notRevoked)) {
      logger.warn(
          "Secret {}: unused credentials stay valid until their lease expires: {}", name, text);
    }
    notRevoked = text;
  }

  /** Logs the type alone: the text may contain anything. */
  void listenerFailed(RuntimeException ex) {
    logger.error("Secret {}: a listener failed: {}", name, ex.getClass().getName());
  }

  private static String text(LatchkeyException ex) {
    return ex.getMessage() + ". " + ex.action();
  }
}
