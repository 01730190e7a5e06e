package dev.latchkey.follow.internal;

import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
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
 * How one subject is followed: takes its steps when they are due, and refreshes it when a caller
 * asks. Callers that ask together share one response. If the store had nothing new, Latchkey does
 * not ask it again for a second, so that a database that refuses a password doesn't cost the store
 * one request per connection.
 *
 * @since 0.1
 */
public final class Following {

  private static final Logger logger = LoggerFactory.getLogger(Following.class);

  private static final Duration QUIET = Duration.ofSeconds(1);
  private static final Duration LONGEST_BACKOFF = Duration.ofMinutes(1);

  private final Followed subject;
  private final ScheduledExecutorService timer;
  private final Executor workers;
  private final Clock clock;
  private final Runnable onStop;
  private final Pacing unexpectedFailures = new Pacing(new SecureRandom());
  private final Queue<Runnable> tasks = new ArrayDeque<>();
  private boolean running;
  private boolean stopped;
  private @Nullable Future<?> next;
  private @Nullable CompletableFuture<@Nullable Void> asked;
  private @Nullable Instant quietUntil;

  Following(
      Followed subject,
      ScheduledExecutorService timer,
      Executor workers,
      Clock clock,
      Runnable onStop) {
    this.subject = subject;
    this.timer = timer;
    this.workers = workers;
    this.clock = clock;
    this.onStop = onStop;
  }

  /**
   * Takes the next step after a delay, and continues from there.
   *
   * @param delay null if there is nothing to follow
   */
  public synchronized void start(@Nullable Duration delay) {
    if (next != null) {
      next.cancel(false);
    }
    next = stopped || delay == null ? null : after(delay, () -> take(subject::step));
  }

  /** Takes the next step immediately. */
  public void wake() {
    start(Duration.ZERO);
  }

  /**
   * Refreshes the subject.
   *
   * @return done when that is done, whatever came of it; immediately if the engine is closed
   */
  public synchronized CompletableFuture<@Nullable Void> refresh() {
    if (asked == null || asked.isDone()) {
      CompletableFuture<@Nullable Void> answer = new CompletableFuture<>();
      asked = answer;
      if (stopped || after(untilQuietEnds(), () -> answer(answer)) == null) {
        answer.complete(null);
      }
    }
    return asked;
  }

  /** Refreshes the subject, and waits until that is done, but not longer than {@code atMost}. */
  public void refresh(Duration atMost) {
    try {
      refresh().get(atMost.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException ex) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException ex) {
      // the caller sees that nothing is new
    }
  }

  /** If the clock was set back, callers don't wait any longer than they would have. */
  private Duration untilQuietEnds() {
    return quietUntil == null
        ? Duration.ZERO
        : Collections.min(List.of(QUIET, Duration.between(clock.instant(), quietUntil)));
  }

  private void answer(CompletableFuture<@Nullable Void> answer) {
    try {
      boolean changed = take(subject::refresh);
      synchronized (this) {
        quietUntil = changed ? null : clock.instant().plus(QUIET);
      }
    } finally {
      answer.complete(null);
    }
  }

  private boolean take(Supplier<Step> step) {
    if (isStopped()) {
      return false;
    }
    try {
      Step taken = step.get();
      unexpectedFailures.succeeded();
      start(taken.next());
      return taken.changed();
    } catch (Throwable ex) {
      failed(ex); // whatever it is, Latchkey continues following
      start(unexpectedFailures.backoff(LONGEST_BACKOFF));
      return false;
    }
  }

  /**
   * Takes no further step.
   *
   * @param last runs after the step that is running now, if any
   * @return done when {@code last} has run, or failed
   */
  public CompletableFuture<@Nullable Void> stop(Runnable last) {
    CompletableFuture<@Nullable Void> done = new CompletableFuture<>();
    synchronized (this) {
      if (stopped) {
        done.complete(null);
        return done;
      }
      stopped = true;
      if (next != null) {
        next.cancel(false);
      }
    }
    submit(
        () -> {
          try {
            last.run();
          } catch (Throwable ex) {
            failed(ex);
          }
          onStop.run();
          done.complete(null);
        });
    return done;
  }

  private synchronized boolean isStopped() {
    return stopped;
  }

  /** Logs the type alone: the text may contain anything. */
  private void failed(Throwable ex) {
    logger.error("{}: a step failed: {}", subject.description(), ex.getClass().getName());
  }

  private @Nullable Future<?> after(Duration delay, Runnable task) {
    try {
      return timer.schedule(() -> submit(task), delay.toMillis(), TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException ex) {
      return null; // the engine is closed
    }
  }

  /** Runs the tasks of this subject one after another, on one thread at a time. */
  private void submit(Runnable task) {
    synchronized (this) {
      tasks.add(task);
      if (running) {
        return;
      }
      running = true;
    }
    try {
      workers.execute(this::runAll);
    } catch (RejectedExecutionException ex) {
      runAll(); // the engine is closed: the remaining tasks are short
    }
  }

  private void runAll() {
    for (Runnable task = nextTask(); task != null; task = nextTask()) {
      task.run();
    }
  }

  private synchronized @Nullable Runnable nextTask() {
    Runnable task = tasks.poll();
    running = task != null;
    return task;
  }
}
