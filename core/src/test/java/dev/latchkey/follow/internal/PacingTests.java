package dev.latchkey.follow.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PacingTests {

  private static final Duration LIMIT = Duration.ofSeconds(60);

  private final Pacing pacing = new Pacing(new Random(1));

  @Test
  void shortensADelayByAFifthAtMost() {
    for (int i = 0; i < 1000; i++) {
      assertThat(pacing.jittered(Duration.ofSeconds(10)))
          .isBetween(Duration.ofSeconds(8), Duration.ofSeconds(10));
    }
  }

  @Test
  void neverReturnsLessThanTheShortestDelay() {
    assertThat(pacing.jittered(Duration.ZERO)).isEqualTo(Pacing.SHORTEST);
  }

  @Test
  void doublesTheBackoffAfterEachFailureUpToTheLimit() {
    for (long millis = 500; millis < LIMIT.toMillis(); millis *= 2) {
      assertThat(pacing.backoff(LIMIT))
          .isBetween(Duration.ofMillis(millis * 4 / 5), Duration.ofMillis(millis));
    }
    assertThat(pacing.backoff(LIMIT)).isBetween(LIMIT.multipliedBy(4).dividedBy(5), LIMIT);
  }

  @Test
  void startsTheBackoffAgainAfterASuccess() {
    pacing.backoff(LIMIT);
    pacing.backoff(LIMIT);

    pacing.succeeded();

    assertThat(pacing.backoff(LIMIT)).isLessThanOrEqualTo(Duration.ofMillis(500));
  }
}
