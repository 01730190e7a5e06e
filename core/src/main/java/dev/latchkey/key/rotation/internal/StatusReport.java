package dev.latchkey.key.rotation.internal;

import dev.latchkey.key.KeyMetadata;
import dev.latchkey.key.KeysetMetadata;
import dev.latchkey.key.live.internal.UsageCounters;
import dev.latchkey.key.rotation.KeysetStatus;
import dev.latchkey.key.rotation.NextStep;
import dev.latchkey.key.rotation.RotationPolicy;
import java.time.Duration;
import java.time.Instant;

/** Tells how one keyset stands, and what about it needs somebody's attention. */
final class StatusReport {

  /** From how many uses on their rate tells something. */
  private static final long MIN_OPERATIONS_FOR_RATE = 100_000;

  private final KeysetDefinition definition;
  private final KeysetInUse inUse;
  private final Publication publication;
  private final SharedUsage shared;
  private final UsageCounters counted;
  private final Journal journal;
  private final Censuses censuses;
  private final KeyDestroyer destroyer;

  /**
   * @param shared the uses on all instances
   * @param counted the uses on this one
   */
  StatusReport(
      KeysetDefinition definition,
      KeysetInUse inUse,
      Publication publication,
      SharedUsage shared,
      UsageCounters counted,
      Journal journal,
      Censuses censuses,
      KeyDestroyer destroyer) {
    this.definition = definition;
    this.inUse = inUse;
    this.publication = publication;
    this.shared = shared;
    this.counted = counted;
    this.journal = journal;
    this.censuses = censuses;
    this.destroyer = destroyer;
  }

  KeysetStatus status(Instant now) {
    Held held = inUse.held();
    KeysetMetadata metadata = publication.metadata(held.storeTime(now));
    NextStep next =
        RotationPlanner.next(
            definition,
            metadata,
            held.storeTime(now),
            shared.atLeast(metadata.active().id()),
            censuses.needed());
    String divergence = inUse.divergence();
    if (divergence != null) {
      next = next.blocked("the store was rolled back or replaced: nothing is written");
    } else if (!held.reading().proved()) {
      next = next.blocked("what was read last is not proved to be the store's newest");
    } else if (next.action() == NextStep.Action.PROMOTE && publication.lacksSpare()) {
      next = next.blocked("the public half of the spare is not published yet");
    }
    return new KeysetStatus(
        definition.id(),
        definition.access(),
        definition.template(),
        definition.policy(),
        definition.createIfAbsent(),
        held.snapshot().generation(),
        held.snapshot().metadata(),
        next,
        held.freshness(now, definition.maxStaleness()),
        divergence != null,
        divergence != null ? divergence : journal.problem(),
        journal.counts(),
        counted.usage(),
        shared.total(metadata.active().id()),
        destroyer.open());
  }

  /** Tells when what is known of the freshness changed. */
  void tellFreshness(Instant now) {
    journal.freshness(inUse.freshness(now), definition.maxStaleness());
  }

  /** Warns where a key reaches its limit before a spare can take its place. */
  void tellWear(Instant now) {
    RotationPolicy policy = definition.policy();
    KeyMetadata active = inUse.metadata().active();
    Instant since = active.since();
    if (policy.maxOperations() == null || since == null) {
      return;
    }
    long operations = shared.atLeast(active.id());
    double age = Duration.between(since, inUse.held().storeTime(now)).toMillis();
    double inPropagation = operations / Math.max(age, 1) * policy.propagation().toMillis();
    if (operations > MIN_OPERATIONS_FOR_RATE && inPropagation > policy.maxOperations() / 2.0) {
      journal.wearsTooFast(active.id(), operations, policy.maxOperations());
    }
  }
}
