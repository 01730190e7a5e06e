package dev.latchkey.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import dev.latchkey.keyset.KeysetRegistry;
import dev.latchkey.rotation.RotationService;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class RefreshScheduleTests {

  private static final Duration INTERVAL = Duration.ofSeconds(60);

  @Test
  void stopsWithoutWaitingForWhatIsDueLater() {
    RotationService rotation = new RotationService(new KeysetRegistry(Map.of()), List.of());
    RefreshSchedule schedule =
        new RefreshSchedule(rotation, Duration.ofHours(1), Duration.ofMinutes(5));
    schedule.start();

    assertTimeoutPreemptively(Duration.ofMinutes(1), () -> schedule.stop());

    assertThat(schedule.isRunning()).isFalse();
  }

  @Test
  void shortensAnIntervalByAFifthAtMost() {
    Random random = new Random(1);

    assertThat(Stream.generate(() -> RefreshSchedule.shortened(INTERVAL, random)).limit(10_000))
        .allMatch(it -> it.compareTo(INTERVAL) <= 0 && it.compareTo(Duration.ofSeconds(48)) >= 0)
        .anyMatch(it -> it.compareTo(Duration.ofSeconds(49)) < 0)
        .anyMatch(it -> it.compareTo(Duration.ofSeconds(59)) > 0);
  }

  @Test
  void spreadsThePollsOfTenThousandInstancesThatStartTogether() {
    int instances = 10_000;
    Duration length = Duration.ofHours(1);
    Random random = new Random(1);
    int[] polls = new int[(int) length.toSeconds()];
    for (int instance = 0; instance < instances; instance++) {
      Duration at = RefreshSchedule.shortened(INTERVAL, random);
      for (; at.compareTo(length) < 0; at = at.plus(RefreshSchedule.shortened(INTERVAL, random))) {
        polls[(int) at.toSeconds()]++;
      }
    }

    int[] settled = Arrays.copyOfRange(polls, 1_800, polls.length);
    double mean = Arrays.stream(settled).average().orElseThrow();
    System.out.printf(
        "10,000 instances: %.0f polls a second, at most %d after a common start, %d after half an hour%n",
        mean, Arrays.stream(polls).max().orElseThrow(), Arrays.stream(settled).max().orElseThrow());
    assertThat(mean).isBetween(184.0, 187.0);
    assertThat(Arrays.stream(polls).max().orElseThrow()).isLessThanOrEqualTo(900);
    assertThat(Arrays.stream(settled).max().orElseThrow()).isLessThanOrEqualTo(260);
  }
}
