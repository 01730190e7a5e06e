package dev.latchkey.key.rotation.internal;

import dev.latchkey.key.document.internal.KeysetReading;
import dev.latchkey.key.internal.KeysetSnapshot;
import dev.latchkey.key.rotation.KeysetStatus.Freshness;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What an instance holds, and how old it is. Ages count from before a request was sent, by this
 * instance's clock, since its response may have taken long.
 *
 * @param reading the newest answer that was brought into use
 * @param askedAt when it was requested
 * @param lastProvedRead the time, by the store's clock, as of which a response was last proved
 * @param provedFrom the same by this instance's clock, and not later; if no response was proved
 *     yet, when the first one was requested
 */
record Held(
    KeysetReading reading, Instant askedAt, @Nullable Instant lastProvedRead, Instant provedFrom) {

  static Held first(KeysetReading reading, Instant askedAt) {
    Instant provedAt = reading.provedAt();
    Instant provedFrom =
        provedAt == null ? askedAt : askedAt.minus(between(provedAt, reading.readAt()));
    return new Held(reading, askedAt, provedAt, provedFrom);
  }

  Held followedBy(KeysetReading next, Instant askedAt) {
    return next.proved()
        ? first(next, askedAt)
        : new Held(next, askedAt, lastProvedRead, provedFrom);
  }

  KeysetSnapshot snapshot() {
    return reading.snapshot();
  }

  Freshness freshness(Instant now, @Nullable Duration maxStaleness) {
    Duration age = between(provedFrom, now);
    Freshness.State state = reading.proved() ? Freshness.State.PROVEN : Freshness.State.UNPROVEN;
    if (maxStaleness != null && age.compareTo(maxStaleness) > 0) {
      state = Freshness.State.STALE;
    }
    return new Freshness(state, lastProvedRead, age);
  }

  Duration sinceAnswer(Instant now) {
    return between(askedAt, now);
  }

  /** Approximately the time of the store's clock: for display, never for a decision. */
  Instant storeTime(Instant now) {
    return reading.readAt().plus(between(askedAt, now));
  }

  /** Never negative, even if the clock was set back. */
  private static Duration between(Instant from, Instant to) {
    return to.isBefore(from) ? Duration.ZERO : Duration.between(from, to);
  }
}
