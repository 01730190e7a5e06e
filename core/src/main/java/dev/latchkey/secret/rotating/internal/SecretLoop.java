package dev.latchkey.secret.rotating.internal;

import dev.latchkey.secret.RotatingSecret;
import dev.latchkey.secret.SecretValue;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets a follower take its steps when they are due, and when somebody asks. A database that refuses
 * passwords must not cost the store a request for each connection: who asks together shares one
 * answer, and where nothing was new, the store has its peace for a while.
 */
final class SecretLoop {

  private static final Logger logger = LoggerFactory.getLogger(RotatingSecret.class);

  private static final Duration PEACE = Duration.ofSeconds(1);

  private final SecretFollower follower;
  private final ScheduledExecutorService executor;
  private final Clock clock;
  private final Object opening = new Object();
  private volatile boolean opened;
  private @Nullable Future<?> next;
  private @Nullable CompletableFuture<@Nullable Void> asked;
  private @Nullable Instant peaceUntil;

  SecretLoop(SecretFollower follower, ScheduledExecutorService executor, Clock clock) {
    this.follower = follower;
    this.executor = executor;
    this.clock = clock;
    follower.live().askBy(this::ask);
  }

  /** Reads the secret, if that was not done yet, and follows it from now on. */
  void open() {
    synchronized (opening) {
      if (!opened) {
        Duration delay = follower.open();
        opened = true;
        schedule(delay);
      }
    }
  }

  boolean isOpen() {
    return opened;
  }

  SecretFollower follower() {
    return follower;
  }

  /** Takes the next step at once. */
  void wake() {
    schedule(Duration.ZERO);
  }

  private synchronized void schedule(Duration delay) {
    if (next != null) {
      next.cancel(false);
    }
    try {
      next = executor.schedule(() -> run(follower::step), delay.toMillis(), TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException ex) {
      next = null; // the application stops
    }
  }

  private void run(Supplier<Duration> step) {
    Duration delay = PEACE;
    try {
      delay = step.get();
    } catch (RuntimeException ex) {
      // its text is not ours, so it may hold anything
      logger.error(
          "Secret {} could not be followed: {}", follower.live().name(), ex.getClass().getName());
    } finally {
      schedule(delay);
    }
  }

  private void ask(Duration atMost) {
    try {
      answer().get(atMost.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException ex) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException ex) {
      // the caller sees that nothing is new
    }
  }

  private synchronized CompletableFuture<@Nullable Void> answer() {
    if (asked != null && !asked.isDone()) {
      return asked;
    }
    CompletableFuture<@Nullable Void> answer = new CompletableFuture<>();
    Duration wait = // a clock that was set back makes nobody wait longer
        peaceUntil == null
            ? Duration.ZERO
            : Collections.min(List.of(PEACE, Duration.between(clock.instant(), peaceUntil)));
    try {
      executor.schedule(() -> refresh(answer), wait.toMillis(), TimeUnit.MILLISECONDS);
      asked = answer;
    } catch (RejectedExecutionException ex) {
      answer.complete(null); // the application stops
    }
    return answer;
  }

  private void refresh(CompletableFuture<@Nullable Void> answer) {
    SecretValue before = follower.live().held();
    try {
      run(follower::refresh);
      synchronized (this) {
        peaceUntil = follower.live().held() == before ? clock.instant().plus(PEACE) : null;
      }
    } finally {
      answer.complete(null);
    }
  }
}
