package dev.latchkey.secret.rotating.internal;

import dev.latchkey.LatchkeyException;
import dev.latchkey.StoreUnavailableException;
import dev.latchkey.secret.AbsentSecretException;
import dev.latchkey.secret.RotatingSource;
import dev.latchkey.secret.SecretData;
import dev.latchkey.secret.SecretKind;
import dev.latchkey.secret.SecretReading;
import dev.latchkey.secret.SecretReference;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads values that are fixed for the life of the application though the store may end them: their
 * leases are renewed for as long as the store does that, and ended with the application. Says once
 * of each what would follow the change.
 *
 * @since 0.1
 */
public final class FixedLeases implements AutoCloseable {

  private static final Logger logger = LoggerFactory.getLogger(FixedLeases.class);

  private static final Duration SHORTEST = Duration.ofMillis(500);

  private final RotatingSource source;
  private final ScheduledExecutorService executor;
  private final Clock clock;

  /** By the paths that they were taken for. */
  private final Map<String, LeaseTerm> terms = new ConcurrentHashMap<>();

  private volatile boolean closed;

  /**
   * @param executor renews leases; ends after this
   */
  public FixedLeases(RotatingSource source, ScheduledExecutorService executor, Clock clock) {
    this.source = source;
    this.executor = executor;
    this.clock = clock;
  }

  /**
   * Reads what the store gives for a path, and takes its lease, if it has one.
   *
   * @throws LatchkeyException if the store gives nothing; no engine but KV says with authority that
   *     there is nothing to give
   */
  public SecretData read(String path) {
    Instant at = clock.instant();
    SecretReading reading;
    try {
      reading = source.read(new SecretReference(path, null, null, null));
    } catch (AbsentSecretException ex) {
      throw new LatchkeyException(String.valueOf(ex.getMessage()), ex.action(), ex);
    }
    if (reading.lease() != null) {
      LeaseTerm term = LeaseTerm.taken(reading.lease(), at);
      tell(path, "is lent for " + reading.lease().duration().toSeconds() + "s at a time");
      terms.put(path, term);
      if (closed) {
        close(); // nobody else would end it
      }
      schedule(path, term);
    } else if (reading.kind() == SecretKind.STATIC_ROLE) {
      tell(path, "is changed by the store");
    }
    return new SecretData(reading.fields(), reading.version());
  }

  private static void tell(String path, String how) {
    logger.warn(
        "What lies at {} is looked up once and stays as it is, but it {}. To follow its changes,"
            + " let it be a secret that rotates: latchkey.secrets.<name>.reference=vault@{}, for a"
            + " DataSource with latchkey.datasource.secret=<name>",
        path,
        how,
        path);
  }

  private void schedule(String path, LeaseTerm term) {
    if (!term.capped()) {
      scheduleIn(path, term, Duration.between(clock.instant(), term.dueAt()));
    }
  }

  private void scheduleIn(String path, LeaseTerm term, Duration delay) {
    try {
      long millis = Math.max(delay.toMillis(), SHORTEST.toMillis());
      executor.schedule(() -> renew(path, term), millis, TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException ex) {
      logger.debug("The lease of {} is not renewed any more", path);
    }
  }

  private void renew(String path, LeaseTerm term) {
    if (terms.get(path) != term) {
      return;
    }
    Instant now = clock.instant();
    Duration asked = term.increment(Duration.ZERO);
    try {
      LeaseTerm renewed = term.renewed(source.renew(term.lease(), asked), asked, now);
      if (terms.replace(path, term, renewed)) {
        if (renewed.capped()) {
          tellEnd(path, "will end at %s".formatted(renewed.endsAt()));
        }
        schedule(path, renewed);
      }
    } catch (StoreUnavailableException ex) {
      if (now.isBefore(term.endsAt())) {
        scheduleIn(path, term, Duration.between(now, term.endsAt()).dividedBy(8));
      } else {
        tellEnd(path, "could not be renewed while the store gave no answer");
      }
    } catch (LatchkeyException ex) {
      tellEnd(path, "cannot be renewed: " + ex.getMessage());
    }
  }

  private static void tellEnd(String path, String how) {
    logger.warn(
        "The lease of what was looked up at {} {}. What it is needed for will fail from then on,"
            + " until the application is started again",
        path,
        how);
  }

  /** Ends all leases that it took. */
  @Override
  public void close() {
    closed = true;
    for (String path : List.copyOf(terms.keySet())) {
      LeaseTerm term = terms.remove(path);
      if (term != null && clock.instant().isBefore(term.endsAt()) && !revoke(path, term)) {
        terms.clear(); // a store that gives no answer is not asked again for each
      }
    }
  }

  /** Whether there is a store to ask. */
  private boolean revoke(String path, LeaseTerm term) {
    try {
      source.revoke(term.lease());
      return true;
    } catch (LatchkeyException ex) {
      logger.warn("The lease of {} was not ended: {}", path, ex.getMessage());
      return !(ex instanceof StoreUnavailableException);
    }
  }
}
