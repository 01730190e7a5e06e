package dev.latchkey.autoconfigure.key;

import dev.latchkey.autoconfigure.internal.EventRelay;
import dev.latchkey.follow.internal.Followed;
import dev.latchkey.follow.internal.Followers;
import dev.latchkey.follow.internal.Following;
import dev.latchkey.follow.internal.Pacing;
import dev.latchkey.follow.internal.Step;
import dev.latchkey.key.rotation.internal.RotationService;
import dev.latchkey.key.rotation.internal.Rotator;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;

/**
 * While the application runs, refreshes each keyset and shares the counts of its uses. Each keyset
 * is followed on its own, so a slow store or a slow count of references never delays another.
 */
final class RefreshSchedule implements SmartLifecycle {

  /**
   * Starts before and stops after everything that may use a key, such as web servers that still
   * answer accepted requests, listeners and executors.
   */
  static final int PHASE = EventRelay.PHASE + 1;

  private static final Logger logger = LoggerFactory.getLogger(RefreshSchedule.class);

  static final Duration USAGE_INTERVAL = Duration.ofHours(1);

  /** When the totals of all instances are read first: after startup, and before much is counted. */
  static final Duration FIRST_USAGE = Duration.ofSeconds(5);

  /** How long stopping waits for the last uses to be shared. */
  private static final Duration USAGE_TIMEOUT = Duration.ofSeconds(2);

  private final RotationService rotation;
  private final Followers followers;
  private final Duration interval;
  private final Duration usageInterval;
  private final Duration usageTimeout;
  private final Map<Following, Runnable> running = new LinkedHashMap<>();
  private boolean started;

  RefreshSchedule(RotationService rotation, Followers followers, Duration interval) {
    this(rotation, followers, interval, USAGE_INTERVAL, USAGE_TIMEOUT);
  }

  RefreshSchedule(
      RotationService rotation,
      Followers followers,
      Duration interval,
      Duration usageInterval,
      Duration usageTimeout) {
    this.rotation = rotation;
    this.followers = followers;
    this.interval = interval;
    this.usageInterval = usageInterval;
    this.usageTimeout = usageTimeout;
  }

  @Override
  public synchronized void start() {
    if (isRunning()) {
      return;
    }
    started = true;
    for (String name : rotation.keysets().keySet()) {
      Rotator rotator = rotation.find(name).orElseThrow();
      repeat("Keyset " + name, rotator::refresh, interval, interval, () -> {});
      repeat(
          "Usage of keyset " + name,
          rotator::shareUsage,
          Collections.min(List.of(FIRST_USAGE, usageInterval)),
          usageInterval,
          rotator::shareUsage);
    }
    rotation.refreshOnUnknownKey(followers.executor(), interval, Clock.systemUTC());
  }

  private void repeat(
      String description, Runnable task, Duration first, Duration every, Runnable last) {
    Pacing pacing = new Pacing(new SecureRandom());
    Following following =
        followers.follow(
            new Followed() {
              @Override
              public String description() {
                return description;
              }

              @Override
              public Step step() {
                task.run();
                return new Step(pacing.jittered(every), false);
              }
            });
    running.put(following, last);
    following.start(pacing.jittered(first));
  }

  @Override
  public synchronized void stop() {
    started = false;
    CompletableFuture<?>[] last =
        running.entrySet().stream()
            .map(each -> each.getKey().stop(each.getValue()))
            .toArray(CompletableFuture<?>[]::new);
    running.clear();
    try {
      CompletableFuture.allOf(last).get(usageTimeout.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException ex) {
      logger.debug("The last uses were not shared: {}", ex.getClass().getName());
    } catch (InterruptedException ex) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public synchronized boolean isRunning() {
    return started;
  }

  @Override
  public int getPhase() {
    return PHASE;
  }
}
