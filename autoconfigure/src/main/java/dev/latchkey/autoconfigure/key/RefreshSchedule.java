package dev.latchkey.autoconfigure.key;

import dev.latchkey.autoconfigure.internal.DaemonThreads;
import dev.latchkey.autoconfigure.internal.EventRelay;
import dev.latchkey.key.rotation.internal.RotationService;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;

/**
 * Refreshes keysets and shares their usage counts while the application runs, on its own thread.
 * Intervals are shortened at random, so that instances that start together do not all read at once.
 */
final class RefreshSchedule implements SmartLifecycle {

  /**
   * Starts before, and stops after, everything that may use a key: web servers that drain,
   * listeners, executors.
   */
  static final int PHASE = EventRelay.PHASE + 1;

  private static final Logger logger = LoggerFactory.getLogger(RefreshSchedule.class);

  static final Duration USAGE_INTERVAL = Duration.ofHours(1);

  /** Maximum part of an interval by which it is shortened. */
  private static final double JITTER = 0.2;

  /** How long a stop waits for the last usage counts to be shared. */
  private static final Duration SHUTDOWN_WAIT = Duration.ofSeconds(2);

  private final RotationService rotation;
  private final Duration interval;
  private final Duration usageInterval;
  private final Duration shutdownWait;
  private @Nullable ScheduledExecutorService executor;

  RefreshSchedule(RotationService rotation, Duration interval) {
    this(rotation, interval, USAGE_INTERVAL, SHUTDOWN_WAIT);
  }

  RefreshSchedule(
      RotationService rotation, Duration interval, Duration usageInterval, Duration shutdownWait) {
    this.rotation = rotation;
    this.interval = interval;
    this.usageInterval = usageInterval;
    this.shutdownWait = shutdownWait;
  }

  @Override
  public synchronized void start() {
    if (executor == null) {
      ScheduledExecutorService started =
          Executors.newSingleThreadScheduledExecutor(DaemonThreads.named("latchkey-refresh"));
      repeat(started, rotation::refresh, interval);
      repeat(started, rotation::shareUsage, usageInterval);
      rotation.refreshOnUnknownKey(started, interval, Clock.systemUTC());
      this.executor = started;
    }
  }

  private static void repeat(ScheduledExecutorService executor, Runnable task, Duration interval) {
    executor.schedule(
        () -> {
          run(task);
          if (!executor.isShutdown()) {
            repeat(executor, task, interval);
          }
        },
        shortened(interval, ThreadLocalRandom.current()).toMillis(),
        TimeUnit.MILLISECONDS);
  }

  static Duration shortened(Duration interval, RandomGenerator random) {
    return Duration.ofMillis((long) (interval.toMillis() * (1 - JITTER * random.nextDouble())));
  }

  private static void run(Runnable task) {
    try {
      task.run();
    } catch (Throwable ex) {
      // rethrown it would end the schedule; the message is not ours, so it may contain a secret
      logger.error("Refresh failed: {}", ex.getClass().getName());
    }
  }

  @Override
  public synchronized void stop() {
    if (executor == null) {
      return;
    }
    Future<?> last = executor.submit(() -> run(rotation::shareUsage));
    try {
      last.get(shutdownWait.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException ex) {
      logger.debug("Last usage counts were not shared: {}", ex.getClass().getName());
    } catch (InterruptedException ex) {
      Thread.currentThread().interrupt();
    }
    executor.shutdownNow();
    this.executor = null;
  }

  @Override
  public synchronized boolean isRunning() {
    return executor != null;
  }

  @Override
  public int getPhase() {
    return PHASE;
  }
}
