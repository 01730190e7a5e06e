package dev.latchkey.key.rotation.internal;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Refreshes a keyset when something names a key that it does not hold. A forged id must cost the
 * store nothing, so there is at most one such refresh in a while, whoever asks, and a caller waits
 * for it only where this instance may really have missed a rotation: a process that was paused.
 */
final class RefreshOnDemand {

  /** How long a caller waits at most. */
  private static final Duration PATIENCE = Duration.ofSeconds(2);

  private final Rotator rotator;
  private final Executor refreshThread;
  private final Duration interval;
  private final Clock clock;
  private @Nullable CompletableFuture<@Nullable Void> running;
  private Instant lastAsked = Instant.MIN;

  /**
   * @param interval that of the regular refreshes; a sixth of it lies between two on demand
   */
  RefreshOnDemand(Rotator rotator, Executor refreshThread, Duration interval, Clock clock) {
    this.rotator = rotator;
    this.refreshThread = refreshThread;
    this.interval = interval;
    this.clock = clock;
  }

  /** Whether a refresh has ended meanwhile, so that it is worth another try. */
  boolean await() {
    boolean overdue = rotator.sinceAnswer().compareTo(interval.multipliedBy(2)) > 0;
    CompletableFuture<@Nullable Void> refresh = refresh();
    return overdue && refresh != null && endsInTime(refresh);
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
      return null; // the application stops
    }
    return running;
  }

  private static boolean endsInTime(CompletableFuture<@Nullable Void> refresh) {
    try {
      refresh.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
      return true;
    } catch (InterruptedException ex) {
      Thread.currentThread().interrupt();
      return false;
    } catch (ExecutionException | TimeoutException ex) {
      return false;
    }
  }
}
