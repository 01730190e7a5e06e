package dev.latchkey.key.rotation.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.key.document.internal.KeysetReading;
import dev.latchkey.key.internal.KeysetSnapshot;
import dev.latchkey.key.rotation.KeysetStatus.Freshness;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

final class HeldTests {

  private static final Instant ASKED = Instant.parse("2026-01-01T00:00:00Z");
  private static final Duration SHIFT = Duration.ofDays(3);
  private static final Instant READ = ASKED.plus(SHIFT); // the store's clock is another one

  @Test
  void countsTheAgeFromWhenItWasProvedAndNotFromWhenItWasRead() {
    Held held = Held.first(reading(READ.minus(Duration.ofMinutes(9))), ASKED);

    Freshness freshness = held.freshness(ASKED.plusSeconds(60), Duration.ofMinutes(10));
    assertThat(freshness.age()).isEqualTo(Duration.ofMinutes(10));
    assertThat(freshness.state()).isEqualTo(Freshness.State.PROVEN);
    assertThat(freshness.lastProvedRead()).isEqualTo(READ.minus(Duration.ofMinutes(9)));
    assertThat(held.freshness(ASKED.plusSeconds(61), Duration.ofMinutes(10)).state())
        .isEqualTo(Freshness.State.STALE);
  }

  @Test
  void isNoYoungerThanTheQuestionWhenAnotherNodesClockIsAhead() {
    Held held = Held.first(reading(READ.plusSeconds(30)), ASKED);

    assertThat(held.freshness(ASKED.plusSeconds(5), null).age()).isEqualTo(Duration.ofSeconds(5));
  }

  @SuppressWarnings("NullAway") // what is held is of no account here
  private static KeysetReading reading(Instant provedAt) {
    KeysetSnapshot none = null;
    return new KeysetReading(none, READ, provedAt);
  }
}
