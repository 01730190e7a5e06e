package dev.latchkey.key.rotation.internal;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Refreshes a keyset when a ciphertext, signature or token names a key that the keyset does not
 * hold. Forged ids must not put load on the store, so that such refreshes are rate-limited. A
 * caller waits for one only if this instance may have missed a rotation, for example in a paused
 * process. It does not wait during an outage, or if other callers already do, so that forged ids
 * cannot occupy an application's threads.
 */
final class RefreshOnDemand {

  /** The longest time that a caller waits. */
  private static final Duration TIMEOUT = Duration.ofSeconds(2);

  private static final int MAX_WAITING = 8;

  private final Rotator rotator;
  private final Executor refreshThread;
  private final Duration interval;
  private final Clock clock;
  private final Duration timeout;
  private final Semaphore mayWait = new Semaphore(MAX_WAITING);
  private @Nullable CompletableFuture<@Nullable Void> running;
  private Instant lastAsked = Instant.MIN;

  /**
   * @param interval the interval of the regular refreshes; two on demand are at least a sixth of it
   *     apart
   */
  RefreshOnDemand(Rotator rotator, Executor refreshThread, Duration interval, Clock clock) {
    this(rotator, refreshThread, interval, clock, TIMEOUT);
  }

  RefreshOnDemand(
      Rotator rotator, Executor refreshThread, Duration interval, Clock clock, Duration timeout) {
    this.rotator = rotator;
    this.refreshThread = refreshThread;
    this.interval = interval;
    this.clock = clock;
    this.timeout = timeout;
  }

  /** Returns whether a refresh completed, so that the caller should try again. */
  boolean await() {
    boolean missed =
        rotator.sinceAnswer().compareTo(interval.multipliedBy(2)) > 0 && !rotator.isFailing();
    CompletableFuture<@Nullable Void> refresh = refresh();
    if (!missed || refresh == null || !mayWait.tryAcquire()) {
      return false;
    }
    try {
      return endsInTime(refresh);
    } finally {
      mayWait.release();
    }
  }

  private synchronized @Nullable CompletableFuture<@Nullable Void> refresh() {
    if (running != null && !running.isDone()) {
      return running;
    }
    Instant now = clock.instant();
    if (now.isBefore(lastAsked.plus(interval.dividedBy(6)))) {
      return null;
    }
    lastAsked = now;
    try {
      running = CompletableFuture.runAsync(rotator::refresh, refreshThread);
    } catch (RejectedExecutionException ex) {
      return null; // the application is stopping
    }
    return running;
  }

  private boolean endsInTime(CompletableFuture<@Nullable Void> refresh) {
    try {
      refresh.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
      return true;
    } catch (InterruptedException ex) {
      Thread.currentThread().interrupt();
      return false;
    } catch (ExecutionException | TimeoutException ex) {
      return false;
    }
  }
}
