package dev.latchkey.key.rotation.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.key.KeyMetadata;
import dev.latchkey.key.KeyState;
import dev.latchkey.key.KeysetId;
import dev.latchkey.key.KeysetMetadata;
import dev.latchkey.key.KeysetTemplate;
import dev.latchkey.key.rotation.KeysetStatus.NextStep;
import dev.latchkey.key.rotation.RotationPolicy;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RotationPlannerTests {

  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
  private static final Duration DAY = Duration.ofDays(1);

  private final RotationPolicy policy =
      RotationPolicy.of("rotation.", Duration.ofDays(90), DAY, Duration.ofHours(1), false);

  @Test
  void waitsForThePeriodOfTheActiveKey() {
    NextStep step = next(policy, START, START.plus(DAY), START.plus(Duration.ofDays(50)));
    assertThat(step)
        .isEqualTo(
            new NextStep(NextStep.Action.PROMOTE, 2L, START.plus(Duration.ofDays(90)), null));
    assertThat(step.isDue(START.plus(Duration.ofDays(90)).minusMillis(1))).isFalse();
    assertThat(step.isDue(START.plus(Duration.ofDays(90)))).isTrue();
  }

  @Test
  void namesTheBlockWhenAStepIsDue() {
    Instant published = START.plus(Duration.ofDays(90)).minusSeconds(60);
    Instant now = START.plus(Duration.ofDays(90));
    NextStep step = next(policy, START, published, now);
    assertThat(step.at()).isEqualTo(published.plus(DAY));
    assertThat(step.blockedBy())
        .isEqualTo(
            "key 2 was published at 2026-03-31T23:59:00Z and can be promoted from 2026-04-01T23:59:00Z on, when every instance knows it");
    assertThat(step.isDue(now)).isFalse();
    assertThat(next(policy, START, published, published.plus(DAY)).isDue(published.plus(DAY)))
        .isTrue();
  }

  @Test
  void usesThePropagationStoredWithTheSpare() {
    KeyMetadata spare =
        new KeyMetadata(
            2,
            KeyState.PENDING,
            "AES256_GCM",
            Duration.ofDays(5),
            1,
            Map.of(KeyState.PENDING, START));
    assertThat(
            plan(
                    policy.withMaxOperations(2L),
                    keys(key(1, KeyState.ACTIVE, START), spare),
                    START,
                    1)
                .at())
        .isEqualTo(START.plus(Duration.ofDays(5)));
  }

  @Test
  void waitsLessWhenTheActiveKeyIsCompromised() {
    Instant known = START.plus(Duration.ofDays(3));
    KeyMetadata active = compromised("AES256_GCM", known);
    NextStep step = plan(policy, keys(active, key(2, KeyState.PENDING, known)), known, 0);
    assertThat(step.at()).isEqualTo(known.plus(Duration.ofHours(1)));
    assertThat(step.isDue(known.plus(Duration.ofHours(1))))
        .isFalse(); // still blocked as planned then
    assertThat(
            plan(
                    policy,
                    keys(active, key(2, KeyState.PENDING, known)),
                    known.plus(Duration.ofHours(1)),
                    0)
                .isDue(known.plus(Duration.ofHours(1))))
        .isTrue();
  }

  @Test
  void neverWaitsLongerWhenTheActiveKeyIsCompromised() {
    RotationPolicy slow =
        RotationPolicy.of("rotation.", Duration.ofDays(90), DAY, Duration.ofDays(2), false);
    Instant known = START.plus(Duration.ofDays(3));
    KeysetMetadata keys = keys(compromised("AES256_GCM", known), key(2, KeyState.PENDING, known));
    Instant due = known.plus(DAY);

    assertThat(plan(slow, keys, known, 0).at()).isEqualTo(due);
    assertThat(plan(slow, keys, due.minusMillis(1), 0).isDue(due.minusMillis(1))).isFalse();
    assertThat(plan(slow, keys, due, 0).isDue(due)).isTrue();
  }

  @Test
  void neverReplacesACompromisedKeyByItselfWhenOutputsChange() {
    KeyMetadata active = compromised("AES256_SIV", START);
    NextStep step =
        plan(
            policy,
            keys(active, key(2, KeyState.PENDING, START)),
            START.plus(Duration.ofDays(100)),
            0);
    assertThat(step.action()).isEqualTo(NextStep.Action.NONE);
    assertThat(step.blockedBy()).startsWith("key 1 is compromised");
  }

  @Test
  void doesNothingByItselfWhenThereIsNoPeriod() {
    RotationPolicy never = RotationPolicy.of("rotation.", null, DAY, DAY, false);
    NextStep step = next(never, START, START, START.plus(Duration.ofDays(10_000)));
    assertThat(step).isEqualTo(new NextStep(NextStep.Action.NONE, null, null, null));
    assertThat(step.isDue(START.plus(Duration.ofDays(10_000)))).isFalse();
  }

  @Test
  void addsASpareWhenThereIsNone() {
    KeysetMetadata lonely =
        new KeysetMetadata("shop", "orders", "op", List.of(key(1, KeyState.ACTIVE, START)));
    NextStep step = plan(policy, lonely, START, 0);
    assertThat(step.action()).isEqualTo(NextStep.Action.ADD_SPARE);
    assertThat(step.isDue(START)).isTrue();
  }

  @Test
  void promotesWhenHalfOfTheUsageLimitIsReached() {
    RotationPolicy limited = policy.withMaxOperations(1000L);
    KeysetMetadata keys = keys(key(1, KeyState.ACTIVE, START), key(2, KeyState.PENDING, START));
    Instant now = START.plus(DAY);
    assertThat(plan(limited, keys, now, 499).at()).isEqualTo(START.plus(Duration.ofDays(90)));
    assertThat(plan(limited, keys, now, 500).isDue(now)).isTrue();
    NextStep early = plan(limited, keys, START, 500);
    assertThat(early.isDue(START)).isFalse();
    assertThat(early.blockedBy()).contains("can be promoted from 2026-01-02T00:00:00Z on");
  }

  @Test
  void endsARetiredKeyWhenDecryptForIsOver() {
    KeysetMetadata keys =
        keys(
            key(3, KeyState.RETIRED, START.plus(DAY)),
            key(4, KeyState.RETIRED, START),
            key(1, KeyState.ACTIVE, START),
            key(2, KeyState.PENDING, START));
    RotationPolicy disabling = policy.withEnd("rotation.", Duration.ofDays(30), null);
    assertThat(plan(disabling, keys, START.plus(DAY), 0))
        .isEqualTo(
            new NextStep(NextStep.Action.DISABLE, 4L, START.plus(Duration.ofDays(30)), null));
    RotationPolicy destroying =
        policy.withEnd("rotation.", Duration.ofDays(30), Duration.ofDays(7));
    assertThat(plan(destroying, keys, START.plus(DAY), 0).action())
        .isEqualTo(NextStep.Action.SCHEDULE_DESTROY);
    RotationPolicy later = policy.withEnd("rotation.", Duration.ofDays(100), null);
    assertThat(plan(later, keys, START.plus(DAY), 0).action()).isEqualTo(NextStep.Action.PROMOTE);
    RotationPolicy onlyEnding =
        RotationPolicy.of("rotation.", null, DAY, DAY, false)
            .withEnd("rotation.", Duration.ofDays(30), null);
    assertThat(plan(onlyEnding, keys, START.plus(DAY), 0).action())
        .isEqualTo(NextStep.Action.DISABLE);
  }

  @Test
  void keepsARetiredKeyIndefinitelyWithoutDecryptFor() {
    RotationPolicy never = RotationPolicy.of("rotation.", null, DAY, DAY, false);
    KeysetMetadata keys =
        keys(
            key(3, KeyState.RETIRED, START),
            key(4, KeyState.DESTROY_SCHEDULED, START),
            key(1, KeyState.ACTIVE, START),
            key(2, KeyState.PENDING, START));

    assertThat(plan(never, keys, START.plus(Duration.ofDays(10_000)), 0))
        .isEqualTo(new NextStep(NextStep.Action.NONE, null, null, null));
  }

  @Test
  void promotesFirstWhenAKeyEndedEarlier() {
    KeysetMetadata keys =
        keys(
            key(3, KeyState.RETIRED, START),
            key(4, KeyState.DESTROY_SCHEDULED, START),
            key(1, KeyState.ACTIVE, START),
            key(2, KeyState.PENDING, START));
    Instant overdue = START.plus(Duration.ofDays(60));
    Instant due = START.plus(Duration.ofDays(90));
    for (Duration destroyAfter : Arrays.asList(null, Duration.ofDays(7))) {
      RotationPolicy ending =
          policy.withEnd("rotation.", DAY, destroyAfter).withMaxOperations(1000L);
      assertThat(plan(ending, keys, overdue, 0).key()).isIn(3L, 4L);
      assertThat(plan(ending, keys, overdue, 500))
          .as("at half of the usage limit")
          .isEqualTo(new NextStep(NextStep.Action.PROMOTE, 2L, overdue, null));
      assertThat(plan(ending, keys, due, 0))
          .isEqualTo(new NextStep(NextStep.Action.PROMOTE, 2L, due, null));
    }
  }

  @Test
  void endsAKeyWhenTheDuePromotionIsBlocked() {
    KeysetMetadata keys =
        keys(
            key(3, KeyState.RETIRED, START),
            key(1, KeyState.ACTIVE, START),
            key(2, KeyState.PENDING, START.plus(Duration.ofDays(90))));
    assertThat(
            plan(policy.withEnd("rotation.", DAY, null), keys, START.plus(Duration.ofDays(90)), 0)
                .action())
        .isEqualTo(NextStep.Action.DISABLE);
  }

  private static NextStep plan(
      RotationPolicy policy, KeysetMetadata keys, Instant storeNow, long operations) {
    KeysetDefinition definition =
        new KeysetDefinition(
            new KeysetId("shop", "orders"), KeysetTemplate.of("AES256_GCM"), policy, true, null);
    ClockTrust trust =
        new ClockTrust(Clock.fixed(storeNow, ZoneOffset.UTC), () -> 0, Duration.ofHours(1));
    return new RotationPlanner(definition, keys, storeNow, trust)
        .next(operations, Set.of())
        .shown();
  }

  private static KeysetMetadata keys(KeyMetadata... keys) {
    return new KeysetMetadata("shop", "orders", "op", List.of(keys));
  }

  private static NextStep next(
      RotationPolicy policy, Instant active, Instant published, Instant now) {
    return plan(
        policy,
        new KeysetMetadata(
            "shop",
            "orders",
            "op",
            List.of(key(1, KeyState.ACTIVE, active), key(2, KeyState.PENDING, published))),
        now,
        0);
  }

  /** The active key, compromised since then. */
  private static KeyMetadata compromised(String template, Instant since) {
    return new KeyMetadata(
        1,
        KeyState.ACTIVE,
        template,
        DAY,
        1,
        Map.of(KeyState.PENDING, START, KeyState.ACTIVE, START, KeyState.COMPROMISED, since));
  }

  private static KeyMetadata key(long id, KeyState state, Instant since) {
    Map<KeyState, Instant> times = new EnumMap<>(KeyState.class);
    times.put(KeyState.PENDING, since);
    times.put(state, since);
    return new KeyMetadata(id, state, "AES256_GCM", DAY, 1, times);
  }
}
