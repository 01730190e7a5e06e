package dev.latchkey.key.rotation.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.latchkey.key.KeyMetadata;
import dev.latchkey.key.KeyState;
import dev.latchkey.key.KeysetId;
import dev.latchkey.key.KeysetTemplate;
import dev.latchkey.key.document.internal.KeysetRepository;
import dev.latchkey.key.live.internal.KeysetRegistry;
import dev.latchkey.key.rotation.KeyAction;
import dev.latchkey.key.rotation.KeysetStatus;
import dev.latchkey.key.rotation.KeysetStatus.NextStep;
import dev.latchkey.key.rotation.RotationPolicy;
import dev.latchkey.key.rotation.RotationRefusedException;
import dev.latchkey.memory.internal.MemoryKeyEncryptionKeys;
import dev.latchkey.memory.internal.MemoryKeysetStore;
import dev.latchkey.test.MutableClock;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.Test;

/** A clock that is wrong for a while ends the use of no key, and stops no rotation for good. */
class ClockTrustTests {

  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
  private static final Duration DAY = Duration.ofDays(1);
  private static final Duration MONTH = Duration.ofDays(30);
  private static final Duration FIFTY_YEARS = Duration.ofDays(365 * 50);

  private final MutableClock storeClock = new MutableClock(START);
  private final MutableClock ownClock = new MutableClock(START);
  private long nanos;

  @Test
  void endsNoKeyWhileTheClocksDiffer() {
    Rotator rotator = rotator(ownClock, this::elapsed);
    advance(DAY.multipliedBy(2));
    rotator.perform(KeyAction.ROTATE, null, false);
    rotator.refresh();

    storeClock.advance(FIFTY_YEARS);
    rotator.refresh();
    rotator.refresh();

    assertThat(rotator.status().problem())
        .contains("the store's clock is PT438000H ahead of this instance's")
        .contains("No key is disabled or destroyed automatically until that is over");
    assertThat(states(rotator)).doesNotContain(KeyState.DESTROY_SCHEDULED);
    assertThat(states(rotator).stream().filter(KeyState.RETIRED::equals))
        .as("promotion goes by the store's clock alone")
        .hasSizeGreaterThan(1);
  }

  @Test
  void rotatesAgainWhenTheClockIsRight() {
    Rotator rotator = rotator(ownClock, this::elapsed);
    advance(DAY.multipliedBy(2));
    storeClock.advance(FIFTY_YEARS);
    rotator.perform(KeyAction.ROTATE, null, false);
    assertThat(active(rotator).since()).isAfter(START.plus(FIFTY_YEARS));

    storeClock.advance(FIFTY_YEARS.negated());
    rotator.refresh();
    rotator.refresh();

    assertThat(rotator.status().problem()).isNull();
    assertThat(rotator.status().freshness().lastProvedRead()).isEqualTo(storeClock.instant());
    assertThat(rotator.status().next().action()).isEqualTo(NextStep.Action.SCHEDULE_DESTROY);
    assertThat(rotator.status().next().at()).isEqualTo(storeClock.instant().plus(DAY));
    long before = active(rotator).id();
    advance(MONTH);
    rotator.refresh();
    assertThat(active(rotator).id()).isNotEqualTo(before);
  }

  @Test
  void doesNotCorrectTimesWhileTheClocksDiffer() {
    Rotator rotator = rotator(ownClock, this::elapsed);
    advance(DAY);
    List<KeyMetadata> before = rotator.status().metadata().keys();

    storeClock.advance(FIFTY_YEARS.negated());
    rotator.refresh();

    assertThat(rotator.status().problem()).contains("behind this instance's");
    assertThat(rotator.status().metadata().keys()).isEqualTo(before);
  }

  @Test
  void endsNoKeyForADayAfterTheOnlyClockJumped() {
    Rotator rotator = rotator(storeClock, this::elapsed);
    advance(DAY.multipliedBy(2));
    rotator.perform(KeyAction.ROTATE, null, false);
    rotator.refresh();
    long retired =
        rotator.status().metadata().keys().stream()
            .filter(key -> key.state() == KeyState.RETIRED)
            .findFirst()
            .orElseThrow()
            .id();

    storeClock.advance(FIFTY_YEARS); // and no time has passed
    rotator.refresh();
    rotator.refresh();
    assertThat(rotator.status().problem()).contains("the clock was set forward by PT438000H");
    assertThat(rotator.status().metadata().find(retired).orElseThrow().state())
        .isEqualTo(KeyState.RETIRED);

    advance(DAY);
    rotator.refresh();
    assertThat(rotator.status().problem()).isNull();
    assertThat(rotator.status().metadata().find(retired).orElseThrow().state())
        .isEqualTo(KeyState.DESTROY_SCHEDULED);
  }

  @Test
  void refusesToDestroyAKeyWhileTheClocksDiffer() {
    Rotator rotator = rotator(ownClock, this::elapsed);
    advance(DAY.multipliedBy(2));
    rotator.perform(KeyAction.ROTATE, null, false);
    long retired = states(rotator).indexOf(KeyState.RETIRED);
    long id = rotator.status().metadata().keys().get((int) retired).id();
    rotator.perform(KeyAction.SCHEDULE_DESTROY, id, true);

    storeClock.advance(Duration.ofDays(8));

    assertThatExceptionOfType(RotationRefusedException.class)
        .isThrownBy(() -> rotator.perform(KeyAction.DESTROY, id, true))
        .withMessageContaining("ahead of this instance's")
        .satisfies(refusal -> assertThat(refusal.action()).contains("Correct the clocks"));
    ownClock.advance(Duration.ofDays(8));
    nanos += Duration.ofDays(8).toNanos();
    rotator.perform(KeyAction.DESTROY, id, true);
    assertThat(rotator.status().metadata().find(id).orElseThrow().state())
        .isEqualTo(KeyState.DESTROYED);
  }

  private Rotator rotator(Clock own, LongSupplier nanoTime) {
    KeysetTemplate template = KeysetTemplate.of("AES256_GCM");
    Rotator rotator =
        new Rotator(
            new KeysetDefinition(
                new KeysetId("shop", "orders"),
                template,
                RotationPolicy.of("rotation.", MONTH, DAY, DAY, false)
                    .withEnd("rotation.", DAY, Duration.ofDays(7)),
                true,
                Duration.ofHours(12)),
            new KeysetRepository(new MemoryKeysetStore(storeClock), new MemoryKeyEncryptionKeys()),
            new KeysetRegistry(Map.of("orders", template.family())),
            own,
            nanoTime,
            Duration.ofHours(1),
            event -> {});
    rotator.open();
    return rotator;
  }

  private long elapsed() {
    return nanos;
  }

  private void advance(Duration duration) {
    storeClock.advance(duration);
    ownClock.advance(duration);
    nanos += duration.toNanos();
  }

  private static List<KeyState> states(Rotator rotator) {
    return rotator.status().metadata().keys().stream().map(KeyMetadata::state).toList();
  }

  private static KeyMetadata active(Rotator rotator) {
    KeysetStatus status = rotator.status();
    return status.metadata().active();
  }
}
