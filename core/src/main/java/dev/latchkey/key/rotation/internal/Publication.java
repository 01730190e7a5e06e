package dev.latchkey.key.rotation.internal;

import dev.latchkey.LatchkeyException;
import dev.latchkey.WriteConflictException;
import dev.latchkey.key.KeyMetadata;
import dev.latchkey.key.KeyState;
import dev.latchkey.key.KeysetMetadata;
import dev.latchkey.key.document.internal.KeysetReading;
import dev.latchkey.key.document.internal.PublicHalves;
import dev.latchkey.key.document.internal.PublicHalves.Standing;
import dev.latchkey.key.document.internal.PublicKeyset;
import dev.latchkey.key.internal.KeysetSnapshot;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Publishes the public half of an application's own keyset, always after the keyset itself: nobody
 * may encrypt to a key that its owner could lose. Whatever keeps it from being written (a crash, an
 * outage) is made up for by the next refresh of any instance; a spare counts as published only
 * since its public half is, too. What was found in order is not read again at each refresh.
 */
final class Publication {

  /** When what was found in order is read again, where nothing else asks for it. */
  private static final Duration INTERVAL = Duration.ofMinutes(10);

  private final KeysetDefinition definition;
  private final @Nullable PublicHalves halves;
  private final KeysetInUse inUse;
  private final Journal journal;
  private final Clock clock;
  private volatile @Nullable Standing stands;
  private @Nullable InOrder inOrder;
  private @Nullable Claim claim;

  /**
   * @param halves where public halves are published; null if this keyset's is not
   * @param clock this instance's clock
   */
  Publication(
      KeysetDefinition definition,
      @Nullable PublicHalves halves,
      KeysetInUse inUse,
      Journal journal,
      Clock clock) {
    this.definition = definition;
    this.halves = halves;
    this.inUse = inUse;
    this.journal = journal;
    this.clock = clock;
  }

  /**
   * Reads the public half that stands in the store, and writes it where it is not that of what is
   * in use.
   *
   * @throws LatchkeyException if it cannot be read or written
   */
  void follow() {
    if (halves == null) {
      return;
    }
    inOrder = null;
    Standing now = halves.load(definition.id(), half()).orElse(null);
    stands = now;
    KeysetReading owned = inUse.held().reading();
    if (isInOrder(now, owned.snapshot())) {
      foundInOrder(owned.snapshot());
    } else if (owned.proved() && isToBeWritten(now, owned, halves)) {
      try {
        stands = halves.save(definition.id(), owned.snapshot(), now);
        foundInOrder(owned.snapshot());
      } catch (WriteConflictException ex) {
        journal.overtaken();
      }
    }
  }

  private void foundInOrder(KeysetSnapshot owned) {
    inOrder = new InOrder(owned, clock.instant());
    claim = null;
  }

  /** Which keyset's public half was found in order, and when. */
  private record InOrder(KeysetSnapshot owned, Instant at) {

    boolean counts(KeysetSnapshot held, Instant now) {
      return owned == held
          && Duration.between(at, now).abs().compareTo(INTERVAL) < 0; // a clock can be set back
    }
  }

  /**
   * The same where it is called for: the keyset is new, a step is about to be taken, or the public
   * half was not found in order, or not for long.
   */
  @Nullable LatchkeyException lookAfter(boolean beforeStep) {
    InOrder found = inOrder;
    return !beforeStep && found != null && found.counts(inUse.held().snapshot(), clock.instant())
        ? null
        : tryToFollow();
  }

  /** The same, for one whom the public half must not keep from what concerns the keyset itself. */
  @Nullable LatchkeyException tryToFollow() {
    try {
      follow();
      return null;
    } catch (LatchkeyException ex) {
      return ex;
    }
  }

  /** Whether it is just that of these keys, or there is none and none is to be made. */
  private boolean isInOrder(@Nullable Standing now, KeysetSnapshot owned) {
    if (now == null) {
      return !definition.createIfAbsent();
    }
    PublicKeyset half = now.half();
    return half != null && half.isFrom(owned) && half.isIntact(owned);
  }

  private boolean isToBeWritten(@Nullable Standing now, KeysetReading owned, PublicHalves halves) {
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
    journal.publicHalfChanged(halves.location(definition.id()));
    return true;
  }

  /**
   * Whether a half that says that it is ahead cannot be. The keyset is written first, so what is
   * read of it later, and proved as of after the half was written, is no longer behind a true one.
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

  /** A half that said that it was ahead of what was held. */
  private record Claim(PublicKeyset half, KeysetReading seenFrom) {}

  /**
   * The keys, with a spare as published only since its public half is. What takes the place of a
   * compromised key does not wait for that: whoever can write there could put it off.
   *
   * @param storeNow taken for a public half that is not published yet
   */
  KeysetMetadata metadata(Instant storeNow) {
    KeysetMetadata metadata = inUse.metadata();
    if (!isAwaited(metadata)) {
      return metadata;
    }
    PublicKeyset half = half();
    return metadata.with(
        key ->
            key.state() != KeyState.PENDING
                ? key
                : key.publishedNotBefore(publishedAt(half, key.id()).orElse(storeNow)));
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

  /** Whether the spare waits for its public half to be published. */
  boolean lacksSpare() {
    KeysetMetadata metadata = inUse.metadata();
    PublicKeyset half = half();
    return isAwaited(metadata)
        && metadata.spare().stream()
            .anyMatch(
                spare -> half == null || half.snapshot().metadata().find(spare.id()).isEmpty());
  }

  private boolean isAwaited(KeysetMetadata metadata) {
    return halves != null
        && (stands != null || definition.createIfAbsent())
        && !metadata.active().compromised();
  }

  private @Nullable PublicKeyset half() {
    Standing now = stands;
    return (now != null) ? now.half() : null;
  }
}
