package dev.latchkey.key.rotation.internal;

import dev.latchkey.LatchkeyException;
import dev.latchkey.WriteConflictException;
import dev.latchkey.key.KeyMetadata;
import dev.latchkey.key.KeyState;
import dev.latchkey.key.KeysetMetadata;
import dev.latchkey.key.document.internal.KeysetReading;
import dev.latchkey.key.document.internal.PublicHalves;
import dev.latchkey.key.document.internal.PublicHalves.StoredState;
import dev.latchkey.key.document.internal.PublicKeyset;
import dev.latchkey.key.internal.KeyLife;
import dev.latchkey.key.internal.KeysetSnapshot;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Publishes the public half of a keyset that this application owns, always after the keyset itself:
 * other applications must not encrypt to a key that its owner could lose. If a crash or an outage
 * prevents the write, the next refresh of any instance makes up for it. A spare counts as published
 * only once its public half is. A public half that was found intact is not read at each refresh.
 */
final class PublicHalfPublisher {

  /** How long an intact public half is not read again. */
  private static final Duration INTERVAL = Duration.ofMinutes(10);

  private final FollowedKeyset keyset;
  private final @Nullable PublicHalves halves;
  private volatile @Nullable StoredState stored;
  private @Nullable Intact intact;
  private @Nullable Claim claim;

  PublicHalfPublisher(FollowedKeyset keyset) {
    this.keyset = keyset;
    KeysetDefinition definition = keyset.definition();
    this.halves =
        definition.access().owns() && definition.template().family().hasPublicKeys()
            ? keyset.repository().publicHalves().orElse(null)
            : null;
  }

  /**
   * Reads the stored public half, and writes it if it is not that of the keys in use.
   *
   * @throws LatchkeyException if it cannot be read or written
   */
  void follow() {
    if (halves == null) {
      return;
    }
    intact = null;
    StoredState now = halves.load(keyset.definition().id(), half()).orElse(null);
    stored = now;
    KeysetReading owned = keyset.held().reading();
    if (isIntact(now, owned.snapshot())) {
      foundIntact(owned.snapshot());
    } else if (owned.proved() && mustBeWritten(now, owned, halves)) {
      try {
        stored = halves.save(keyset.definition().id(), owned.snapshot(), now);
        foundIntact(owned.snapshot());
      } catch (WriteConflictException ex) {
        keyset.events().overtaken();
      }
    }
  }

  private void foundIntact(KeysetSnapshot owned) {
    intact = new Intact(owned, keyset.now());
    claim = null;
  }

  /** The keyset whose public half was found intact, and when. */
  private record Intact(KeysetSnapshot owned, Instant at) {

    boolean isValid(KeysetSnapshot held, Instant now) {
      return owned == held
          && Duration.between(at, now).abs().compareTo(INTERVAL) < 0; // a clock can be set back
    }
  }

  /**
   * Follows the public half if needed: the keyset is new, a step is about to be taken, or the
   * public half was not found intact recently.
   *
   * @return what failed, or null: the public half must not prevent steps of the keyset itself
   */
  @Nullable LatchkeyException followIfNeeded(boolean beforeStep) {
    Intact found = intact;
    return !beforeStep && found != null && found.isValid(keyset.held().snapshot(), keyset.now())
        ? null
        : tryToFollow();
  }

  /** Follows the public half, and returns what failed, or null. */
  @Nullable LatchkeyException tryToFollow() {
    try {
      follow();
      return null;
    } catch (LatchkeyException ex) {
      return ex;
    }
  }

  /** Whether it is that of these keys, or there is none and none may be created. */
  private boolean isIntact(@Nullable StoredState now, KeysetSnapshot owned) {
    if (now == null) {
      return !keyset.definition().createIfAbsent();
    }
    PublicKeyset half = now.half();
    return half != null && half.isFrom(owned) && half.isIntact(owned);
  }

  private boolean mustBeWritten(
      @Nullable StoredState now, KeysetReading owned, PublicHalves halves) {
    if (now == null) {
      return true;
    }
    PublicKeyset half = now.half();
    if (half != null && half.isAheadOf(owned.snapshot())) {
      if (!isForged(half, owned)) {
        return false; // another instance is ahead
      }
    } else if (half != null && half.isIntact(owned.snapshot())) {
      return true; // of an earlier generation
    }
    keyset.events().publicHalfChanged(halves.location(keyset.definition().id()));
    return true;
  }

  /**
   * Whether a half that claims to be ahead cannot be. The keyset is written first, so that a read
   * of it that is proved as of after the half was written is no longer behind a true half.
   */
  private boolean isForged(PublicKeyset half, KeysetReading owned) {
    Claim before = claim;
    if (before == null || !before.half.isAheadOf(owned.snapshot())) {
      claim = new Claim(half, owned);
      return false;
    }
    Instant provedAt = owned.provedAt();
    return owned != before.seenFrom
        && provedAt != null
        && !provedAt.isBefore(before.half.snapshot().createdAt());
  }

  /** A half that claimed to be ahead of what was held. */
  private record Claim(PublicKeyset half, KeysetReading seenFrom) {}

  /**
   * The keys, with a spare only as published as its public half. A replacement for a compromised
   * key does not wait for that: an attacker who can write public halves could delay it.
   *
   * @param storeNow used for a public half that is not published yet
   */
  KeysetMetadata metadata(Instant storeNow) {
    KeysetMetadata metadata = keyset.metadata();
    if (!isAwaited(metadata)) {
      return metadata;
    }
    PublicKeyset half = half();
    return metadata.with(
        key ->
            key.state() != KeyState.PENDING
                ? key
                : KeyLife.publishedNotBefore(key, publishedAt(half, key.id()).orElse(storeNow)));
  }

  /** As the public half says, but not later than the store took it: it is not signed. */
  private static Optional<Instant> publishedAt(@Nullable PublicKeyset half, long id) {
    return Optional.ofNullable(half)
        .map(PublicKeyset::snapshot)
        .flatMap(
            snapshot ->
                snapshot
                    .metadata()
                    .find(id)
                    .map(KeyMetadata::publishedAt)
                    .map(at -> at.isAfter(snapshot.createdAt()) ? snapshot.createdAt() : at));
  }

  /** Whether the spare waits until its public half is published. */
  boolean lacksSpare() {
    KeysetMetadata metadata = keyset.metadata();
    PublicKeyset half = half();
    return isAwaited(metadata)
        && metadata.spare().stream()
            .anyMatch(
                spare -> half == null || half.snapshot().metadata().find(spare.id()).isEmpty());
  }

  private boolean isAwaited(KeysetMetadata metadata) {
    return halves != null
        && (stored != null || keyset.definition().createIfAbsent())
        && !metadata.active().compromised();
  }

  private @Nullable PublicKeyset half() {
    StoredState now = stored;
    return (now != null) ? now.half() : null;
  }
}
