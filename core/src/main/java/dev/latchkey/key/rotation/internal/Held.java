package dev.latchkey.key.rotation.internal;

import dev.latchkey.key.document.internal.KeysetReading;
import dev.latchkey.key.internal.KeysetSnapshot;
import dev.latchkey.key.rotation.Freshness;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What an instance holds, and what it knows of its place in the store. Ages count from before a
 * question was asked, by this instance's clock: its answer may have been long under way.
 *
 * @param reading the newest answer that was brought into use
 * @param askedAt when it was asked for
 * @param lastProvedRead as of when the last answer that was proved is, by the store's clock
 * @param provedFrom the same by this instance's clock, and not later; when the first answer was
 *     asked for, if none was proved yet
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

  /** About what the store's clock shows: for display, never for a decision. */
  Instant storeTime(Instant now) {
    return reading.readAt().plus(between(askedAt, now));
  }

  /** A clock that was set back does not make an age negative. */
  private static Duration between(Instant from, Instant to) {
    return to.isBefore(from) ? Duration.ZERO : Duration.between(from, to);
  }
}
