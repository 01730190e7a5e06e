package dev.latchkey.rotation;

import dev.latchkey.WriteConflictException;
import dev.latchkey.keyset.KeysetMetadata;
import dev.latchkey.keyset.KeysetReading;
import dev.latchkey.keyset.KeysetSnapshot;
import dev.latchkey.keyset.PublicHalves;
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
  private volatile @Nullable PublicKeyset published;

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
   * @throws dev.latchkey.LatchkeyException if it cannot be read or written
   */
  void follow() {
    if (halves == null) {
      return;
    }
    PublicKeyset stands = halves.load(definition.id(), published).orElse(null);
    published = stands;
    KeysetReading owned = inUse.held().reading();
    if (!owned.proved() || !isToBeWritten(stands, owned.snapshot(), halves)) {
      return;
    }
    try {
      published = halves.save(definition.id(), owned.snapshot(), stands);
    } catch (WriteConflictException ex) {
      journal.overtaken();
    }
  }

  private boolean isToBeWritten(
      @Nullable PublicKeyset stands, KeysetSnapshot owned, PublicHalves halves) {
    if (stands == null) {
      return definition.createIfAbsent();
    }
    if (stands.isAheadOf(owned)) {
      return false; // another instance is ahead
    }
    boolean intact = stands.isIntact(owned);
    if (!intact) {
      journal.publicHalfChanged(halves.location(definition.id()));
    }
    return !intact || stands.source() != owned.generation();
  }

  /**
   * The keys, with a spare as published only since its public half is.
   *
   * @param storeNow taken for a public half that is not published yet
   */
  KeysetMetadata metadata(Instant storeNow) {
    PublicKeyset now = published;
    KeysetMetadata metadata = inUse.metadata();
    return (now != null) ? metadata.alsoPublishedIn(now.snapshot().metadata(), storeNow) : metadata;
  }

  /** Whether the spare waits for its public half to be published. */
  boolean lacksSpare() {
    PublicKeyset now = published;
    return now != null
        && inUse.metadata().spare().stream()
            .anyMatch(spare -> now.snapshot().metadata().find(spare.id()).isEmpty());
  }
}
