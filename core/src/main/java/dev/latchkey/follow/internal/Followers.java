package dev.latchkey.follow.internal;

import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Follows any number of subjects on one pool of daemon threads. The pool grows to one thread per
 * subject at most, so a slow store or a slow step never delays another subject. Threads end while
 * there is nothing to do.
 *
 * @since 0.1
 */
public final class Followers implements AutoCloseable {

  private static final Duration KEEP_ALIVE = Duration.ofSeconds(10);

  private final Clock clock;
  private final ScheduledThreadPoolExecutor timer;
  private final ThreadPoolExecutor workers;
  private int subjects;

  /** Starts no thread until the first step is due. */
  public Followers(Clock clock) {
    this.clock = clock;
    this.timer = new ScheduledThreadPoolExecutor(1, daemons("latchkey-timer"));
    this.timer.setRemoveOnCancelPolicy(true);
    this.workers =
        new ThreadPoolExecutor(
            1, 1, 0, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), daemons("latchkey-follow"));
    for (ThreadPoolExecutor pool : new ThreadPoolExecutor[] {timer, workers}) {
      pool.setKeepAliveTime(KEEP_ALIVE.toMillis(), TimeUnit.MILLISECONDS);
      pool.allowCoreThreadTimeOut(true);
    }
  }

  private static ThreadFactory daemons(String prefix) {
    AtomicInteger count = new AtomicInteger();
    return task -> {
      Thread thread = new Thread(task, prefix + "-" + count.incrementAndGet());
      thread.setDaemon(true);
      return thread;
    };
  }

  /** Adds a subject. Its first step is due when {@link Following#start(Duration)} says so. */
  public Following follow(Followed subject) {
    resize(1);
    return new Following(subject, timer, workers, clock, () -> resize(-1));
  }

  /** Runs short tasks for the subjects on the same threads. */
  public Executor executor() {
    return workers;
  }

  private synchronized void resize(int difference) {
    subjects += difference;
    int threads = Math.max(1, subjects);
    if (difference > 0) {
      workers.setMaximumPoolSize(threads);
      workers.setCorePoolSize(threads);
    } else {
      workers.setCorePoolSize(threads);
      workers.setMaximumPoolSize(threads);
    }
  }

  /** Takes no further step, and interrupts those that are running. */
  @Override
  public void close() {
    timer.shutdownNow();
    workers.shutdownNow();
  }
}
