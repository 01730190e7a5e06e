package dev.latchkey.autoconfigure;

import dev.latchkey.rotation.RotationService;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;

/** Refreshes the keysets at a fixed delay, on a thread of its own, while the application runs. */
final class RefreshSchedule implements SmartLifecycle {

  private static final Logger logger = LoggerFactory.getLogger(RefreshSchedule.class);

  private final RotationService rotation;

  private final Duration interval;

  private @Nullable ScheduledExecutorService executor;

  RefreshSchedule(RotationService rotation, Duration interval) {
    this.rotation = rotation;
    this.interval = interval;
  }

  @Override
  public synchronized void start() {
    if (executor == null) {
      ScheduledExecutorService started =
          Executors.newSingleThreadScheduledExecutor(DaemonThreads.named("latchkey-refresh"));
      started.scheduleWithFixedDelay(
          this::refresh, interval.toMillis(), interval.toMillis(), TimeUnit.MILLISECONDS);
      rotation.refreshOnUnknownKey(started, interval, Clock.systemUTC());
      this.executor = started;
    }
  }

  private void refresh() {
    try {
      rotation.refresh();
    } catch (RuntimeException ex) {
      // an exception would end the schedule; its text is not ours, so it may hold anything
      logger.error("A refresh failed: {}", ex.getClass().getName());
    }
  }

  @Override
  public synchronized void stop() {
    if (executor != null) {
      executor.shutdownNow();
      this.executor = null;
    }
  }

  @Override
  public synchronized boolean isRunning() {
    return executor != null;
  }
}
