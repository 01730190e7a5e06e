package dev.latchkey.follow.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.latchkey.test.MutableClock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class FollowersTests {

  private static final Step IN_AN_HOUR = new Step(Duration.ofHours(1), false);
  private static final Duration TIMEOUT = Duration.ofSeconds(10);

  private final MutableClock clock = new MutableClock(Instant.parse("2026-01-01T00:00:00Z"));
  private final Followers followers = new Followers(clock);

  @AfterEach
  void close() {
    followers.close();
  }

  private Following follow(Supplier<Step> step) {
    return followers.follow(
        new Followed() {
          @Override
          public String description() {
            return "Subject of a test";
          }

          @Override
          public Step step() {
            return step.get();
          }
        });
  }

  @Test
  void takesEachStepWhenTheOneBeforeSaysSo() {
    AtomicInteger steps = new AtomicInteger();
    Following following =
        follow(
            () -> steps.incrementAndGet() < 3 ? new Step(Duration.ofMillis(1), false) : IN_AN_HOUR);

    following.start(Duration.ZERO);

    await().until(() -> steps.get() == 3);
  }

  @Test
  void takesNoStepAfterTheLast() {
    AtomicInteger steps = new AtomicInteger();
    Following following =
        follow(
            () -> {
              steps.incrementAndGet();
              return Step.last();
            });

    following.start(Duration.ZERO);
    await().until(() -> steps.get() == 1);
    following.stop(() -> {}).join();

    assertThat(steps).hasValue(1);
  }

  @Test
  void doesNotDelayASubjectWhenAllOthersAreSlow() {
    CountDownLatch release = new CountDownLatch(1);
    CountDownLatch slow = new CountDownLatch(20);
    for (int i = 0; i < 20; i++) {
      follow(
              () -> {
                slow.countDown();
                awaitUninterruptibly(release);
                return IN_AN_HOUR;
              })
          .start(Duration.ZERO);
    }
    AtomicInteger steps = new AtomicInteger();
    Following following =
        follow(
            () -> {
              steps.incrementAndGet();
              return IN_AN_HOUR;
            });
    awaitUninterruptibly(slow);

    following.start(Duration.ZERO);

    await().until(() -> steps.get() == 1);
    release.countDown();
  }

  @Test
  void runsStepsAndRefreshesOfOneSubjectOneAfterAnother() {
    AtomicInteger running = new AtomicInteger();
    AtomicBoolean overlapped = new AtomicBoolean();
    AtomicInteger steps = new AtomicInteger();
    Following following =
        follow(
            () -> {
              overlapped.compareAndSet(false, running.incrementAndGet() > 1);
              steps.incrementAndGet();
              running.decrementAndGet();
              return new Step(Duration.ZERO, true);
            });

    following.start(Duration.ZERO);
    for (int i = 0; i < 50; i++) {
      following.refresh(TIMEOUT);
    }
    following.stop(() -> {}).join();

    assertThat(steps.get()).isGreaterThanOrEqualTo(50);
    assertThat(overlapped).isFalse();
  }

  @Test
  void sharesOneRefreshWhenCallersAskTogether() {
    CountDownLatch release = new CountDownLatch(1);
    AtomicInteger refreshes = new AtomicInteger();
    Following following =
        follow(
            () -> {
              refreshes.incrementAndGet();
              awaitUninterruptibly(release);
              return IN_AN_HOUR;
            });

    List<CompletableFuture<?>> answers = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      answers.add(following.refresh());
    }
    release.countDown();

    answers.forEach(CompletableFuture::join);
    assertThat(refreshes).hasValue(1);
  }

  @Test
  void returnsFromARefreshWhenItsTimeIsUp() {
    CountDownLatch release = new CountDownLatch(1);
    Following following =
        follow(
            () -> {
              awaitUninterruptibly(release);
              return IN_AN_HOUR;
            });

    following.refresh(Duration.ofMillis(1));

    assertThat(following.refresh()).isNotDone();
    release.countDown();
  }

  @Test
  void takesAnotherStepWhenOneFailsUnexpectedly() {
    AtomicInteger steps = new AtomicInteger();
    Following following =
        follow(
            () -> {
              if (steps.incrementAndGet() == 1) {
                throw new IllegalStateException("canary");
              }
              return IN_AN_HOUR;
            });

    following.start(Duration.ZERO);

    await().until(() -> steps.get() == 2);
  }

  @Test
  void runsTheLastTaskAfterTheStepThatIsRunning() {
    CountDownLatch started = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    List<String> order = new ArrayList<>();
    Following following =
        follow(
            () -> {
              started.countDown();
              awaitUninterruptibly(release);
              order.add("step");
              return IN_AN_HOUR;
            });
    following.start(Duration.ZERO);
    awaitUninterruptibly(started);

    CompletableFuture<?> stopped = following.stop(() -> order.add("last"));
    assertThat(stopped).isNotDone();
    release.countDown();
    stopped.join();

    assertThat(order).containsExactly("step", "last");
    assertThat(following.refresh()).isDone();
  }

  @Test
  void completesAStopWhenTheLastTaskFails() {
    Following following = follow(() -> IN_AN_HOUR);

    CompletableFuture<?> stopped =
        following.stop(
            () -> {
              throw new IllegalStateException("canary");
            });

    assertThat(stopped).succeedsWithin(TIMEOUT);
  }

  @Test
  void answersAtOnceWhenTheEngineIsClosed() {
    AtomicInteger steps = new AtomicInteger();
    Following following =
        follow(
            () -> {
              steps.incrementAndGet();
              return IN_AN_HOUR;
            });

    followers.close();

    assertThat(following.refresh()).isDone();
    following.wake();
    List<String> last = new ArrayList<>();
    following.stop(() -> last.add("last")).join();
    assertThat(last).containsExactly("last");
    assertThat(steps).hasValue(0);
  }

  private static void awaitUninterruptibly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException ex) {
      Thread.currentThread().interrupt();
    }
  }
}
