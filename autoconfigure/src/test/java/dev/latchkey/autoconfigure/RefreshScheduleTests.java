package dev.latchkey.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import dev.latchkey.keyset.KeysetRegistry;
import dev.latchkey.rotation.RotationService;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RefreshScheduleTests {

  @Test
  void stopsWithoutWaitingForWhatIsDueLater() {
    RotationService rotation = new RotationService(new KeysetRegistry(Map.of()), List.of());
    RefreshSchedule schedule =
        new RefreshSchedule(rotation, Duration.ofHours(1), Duration.ofMinutes(5));
    schedule.start();

    assertTimeoutPreemptively(Duration.ofMinutes(1), () -> schedule.stop());

    assertThat(schedule.isRunning()).isFalse();
  }
}
