package dev.latchkey.rotation;

import dev.latchkey.LatchkeyException;
import dev.latchkey.WriteConflictException;
import dev.latchkey.keyset.KeysetMetadata;
import dev.latchkey.keyset.KeysetReading;
import dev.latchkey.keyset.PublicHalves;
import dev.latchkey.keyset.PublicHalves.Standing;
import dev.latchkey.keyset.PublicKeyset;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Publishes the public half of an application's own keyset, always after the keyset itself: nobody
 * may encrypt to a key that its owner could lose. Whatever keeps it from being written (a crash, an
 * outage) is made up for by the next refresh of any instance; a spare counts as published only
 * since its public half is, too.
 */
final class Publication {

  private final KeysetDefinition definition;
  private final @Nullable PublicHalves halves;
  private final KeysetInUse inUse;
  private final Journal journal;
  private volatile @Nullable Standing stands;
  private @Nullable Claim claim;

  /**
   * @param halves where public halves are published; null if this keyset's is not
   */
  Publication(
      KeysetDefinition definition,
      @Nullable PublicHalves halves,
      KeysetInUse inUse,
      Journal journal) {
    this.definition = definition;
    this.halves = halves;
    this.inUse = inUse;
    this.journal = journal;
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
    Standing now = halves.load(definition.id(), half()).orElse(null);
    stands = now;
    KeysetReading owned = inUse.held().reading();
    if (!owned.proved() || !isToBeWritten(now, owned, halves)) {
      return;
    }
    try {
      stands = halves.save(definition.id(), owned.snapshot(), now);
      claim = null;
    } catch (WriteConflictException ex) {
      journal.overtaken();
    }
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

  private boolean isToBeWritten(@Nullable Standing now, KeysetReading owned, PublicHalves halves) {
    if (now == null) {
      return definition.createIfAbsent();
    }
    PublicKeyset half = now.half();
    if (half != null && half.isAheadOf(owned.snapshot())) {
      if (!isForged(half, owned)) {
        return false; // another instance is ahead
      }
    } else if (half != null && half.isIntact(owned.snapshot())) {
      claim = null;
      return !half.isFrom(owned.snapshot());
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
    return metadata.alsoPublishedIn(half != null ? half.snapshot() : null, storeNow);
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
