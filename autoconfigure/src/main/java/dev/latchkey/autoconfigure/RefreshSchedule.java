package dev.latchkey.autoconfigure;

import dev.latchkey.autoconfigure.internal.DaemonThreads;
import dev.latchkey.rotation.RotationService;
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
 * While the application runs, refreshes the keysets and adds up their uses, on a thread of its own.
 * Intervals are shortened at random, so that instances that start together do not ask together.
 */
final class RefreshSchedule implements SmartLifecycle {

  /**
   * Starts before and stops after whatever may use a key: web servers that still answer what they
   * had taken in, listeners, executors.
   */
  static final int PHASE = Integer.MIN_VALUE + 1;

  private static final Logger logger = LoggerFactory.getLogger(RefreshSchedule.class);

  static final Duration USAGE_INTERVAL = Duration.ofHours(1);

  /** The greatest part of an interval by which it is shortened. */
  private static final double JITTER = 0.2;

  /** How long a stop waits for the last uses to be added up. */
  private static final Duration LAST_WORDS = Duration.ofSeconds(2);

  private final RotationService rotation;
  private final Duration interval;
  private final Duration usageInterval;
  private final Duration lastWords;
  private @Nullable ScheduledExecutorService executor;

  RefreshSchedule(RotationService rotation, Duration interval) {
    this(rotation, interval, USAGE_INTERVAL, LAST_WORDS);
  }

  RefreshSchedule(
      RotationService rotation, Duration interval, Duration usageInterval, Duration lastWords) {
    this.rotation = rotation;
    this.interval = interval;
    this.usageInterval = usageInterval;
    this.lastWords = lastWords;
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
      // it would end the schedule for good; its text is not ours, so it may hold anything
      logger.error("A refresh failed: {}", ex.getClass().getName());
    }
  }

  @Override
  public synchronized void stop() {
    if (executor == null) {
      return;
    }
    Future<?> last = executor.submit(() -> run(rotation::shareUsage));
    try {
      last.get(lastWords.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException ex) {
      logger.debug("The last uses were not added up: {}", ex.getClass().getName());
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
