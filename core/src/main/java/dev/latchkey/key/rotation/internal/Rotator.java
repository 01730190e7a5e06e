package dev.latchkey.key.rotation.internal;

import com.google.crypto.tink.Parameters;
import dev.latchkey.LatchkeyException;
import dev.latchkey.StoreUnavailableException;
import dev.latchkey.WriteConflictException;
import dev.latchkey.key.KeysetId;
import dev.latchkey.key.KeysetMetadata;
import dev.latchkey.key.document.internal.KeysetReading;
import dev.latchkey.key.document.internal.KeysetRepository;
import dev.latchkey.key.document.internal.PublicHalves;
import dev.latchkey.key.internal.KeysetSnapshot;
import dev.latchkey.key.internal.TinkKeys;
import dev.latchkey.key.live.internal.KeysetRegistry;
import dev.latchkey.key.live.internal.UsageCounters;
import dev.latchkey.key.rotation.KeyAction;
import dev.latchkey.key.rotation.KeyCensus;
import dev.latchkey.key.rotation.KeysetStatus;
import dev.latchkey.key.rotation.NextStep;
import dev.latchkey.key.rotation.RotationEvent;
import dev.latchkey.key.rotation.RotationRefusedException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.BiPredicate;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Keeps one keyset: opens it, follows what other instances write, and takes the steps that are due.
 * Whatever fails after the start leaves the last good keys in use and is told by {@link #status()}.
 *
 * @since 0.1
 */
public final class Rotator {

  private final KeysetDefinition definition;
  private final UsageCounters counted;
  private final Clock clock;
  private final Journal journal;
  private final KeysetInUse inUse;
  private final KeysetFollower follower;
  private final Publication publication;
  private final SharedUsage usage;
  private final Censuses censuses;
  private final KeyDestroyer destroyer;
  private final KeysetActions actions;
  private final StatusReport report;

  /**
   * @param clock this instance's clock: tells how old an answer of the store is, and nothing else
   * @param events told of what happens, on the thread on which it happens
   */
  public Rotator(
      KeysetDefinition definition,
      KeysetRepository repository,
      KeysetRegistry registry,
      Clock clock,
      Consumer<? super RotationEvent> events) {
    this(definition, repository, registry, clock, events, KeysetSnapshot::succeeds);
  }

  /**
   * @param successorRule whether its first argument may take the place of its second, which is held
   */
  Rotator(
      KeysetDefinition definition,
      KeysetRepository repository,
      KeysetRegistry registry,
      Clock clock,
      Consumer<? super RotationEvent> events,
      BiPredicate<KeysetSnapshot, KeysetSnapshot> successorRule) {
    KeysetId id = definition.id();
    this.definition = definition;
    this.counted = registry.usage(id.name());
    this.clock = clock;
    this.journal = new Journal(id, events);
    this.inUse =
        new KeysetInUse(definition, repository.location(id), registry, journal, successorRule);
    this.follower = new KeysetFollower(definition, repository, inUse, journal, clock);
    this.publication =
        new Publication(definition, publicHalves(definition, repository), inUse, journal, clock);
    this.usage = new SharedUsage(definition, repository, counted);
    this.censuses = new Censuses(id, clock);
    this.destroyer = new KeyDestroyer(definition, repository, follower, inUse, journal, censuses);
    this.actions =
        new KeysetActions(
            definition,
            inUse,
            follower,
            publication,
            censuses,
            destroyer,
            new Restorer(definition, repository, follower, inUse, journal),
            journal);
    this.report =
        new StatusReport(
            definition, inUse, publication, usage, counted, journal, censuses, destroyer);
  }

  private static @Nullable PublicHalves publicHalves(
      KeysetDefinition definition, KeysetRepository repository) {
    return definition.access().owns() && definition.template().family().hasPublicKeys()
        ? repository.publicHalves().orElse(null)
        : null;
  }

  /** The keyset's name. */
  public String name() {
    return definition.id().name();
  }

  /**
   * Loads the keyset and brings it into use; makes it where the store says that it never was and
   * the definition allows it.
   *
   * @throws LatchkeyException if it cannot be read, opened or made
   */
  public synchronized void open() {
    if (!openExisting()) {
      follower.create();
      opened();
    }
    publish();
  }

  /**
   * Loads the keyset and brings it into use, if there is one.
   *
   * @return false if the store says that there never was one
   * @throws LatchkeyException if it cannot be read or opened
   */
  synchronized boolean openExisting() {
    Parameters ignored =
        TinkKeys.parameters(definition.template()); // fails before anything is read
    boolean found = follower.openExisting();
    if (found) {
      opened();
    }
    return found;
  }

  /**
   * Publishes the public half, if the keyset is the application's own and has one.
   *
   * @throws LatchkeyException if it cannot be read or written
   */
  synchronized void publish() {
    publication.follow();
  }

  private void opened() {
    report.tellFreshness(clock.instant());
    if (definition.template().isRawVariant()) {
      journal.hasNoKeyIds(definition.template(), definition.policy().period() != null);
    }
  }

  /**
   * Asks the store for the newest generation, brings it into use, and takes the step that is due:
   * by the store's clock, and only on what is proved to be the store's newest. Never throws for
   * what the store answers or fails to answer.
   */
  public synchronized void refresh() {
    counted.recordLastUses(clock.instant());
    try {
      KeysetReading newest = follower.follow();
      LatchkeyException unpublished = publication.lookAfter(isStepDue(newest));
      if (newest.proved() && takeWhatIsDue(newest.readAt())) {
        unpublished = publication.tryToFollow();
      }
      if (newest.proved() && definition.access().owns()) {
        destroyer.goOn(clock.instant());
      }
      if (unpublished != null) {
        throw unpublished;
      }
      followed();
    } catch (WriteConflictException ex) {
      journal.overtaken();
      followed();
    } catch (LatchkeyException ex) {
      journal.failed(ex);
    }
    report.tellFreshness(clock.instant());
  }

  private boolean isStepDue(KeysetReading newest) {
    return newest.proved() && next(newest.readAt()).isDue(newest.readAt());
  }

  /** Takes the first step that is due and whose key no census keeps. */
  private boolean takeWhatIsDue(Instant storeNow) {
    for (int key = inUse.metadata().keys().size(); key > 0; key--) {
      NextStep step = next(storeNow);
      if (!step.isDue(storeNow)) {
        return false;
      }
      if (actions.take(step)) {
        return true;
      }
    }
    return false;
  }

  private NextStep next(Instant storeNow) {
    KeysetMetadata metadata = publication.metadata(storeNow);
    return RotationPlanner.next(
        definition, metadata, storeNow, usage.atLeast(metadata.active().id()), censuses.needed());
  }

  private void followed() {
    if (inUse.divergence() == null) { // an answer that is not proved does not end that
      journal.succeeded();
    }
  }

  /**
   * Does what a person asks for.
   *
   * @throws RotationRefusedException if it is not allowed, or not yet
   * @see #perform(KeyAction, Long, boolean, String)
   */
  public Optional<String> perform(KeyAction action, @Nullable Long key, boolean force) {
    return perform(action, key, force, "unknown");
  }

  /**
   * Does what a person asks for.
   *
   * @param key the id of the key that it concerns; null where the action needs none
   * @param force also where something stands against it, as far as no data can be lost
   * @param by who asks for it
   * @return what was risked by forcing it, or is to be known of it, if anything
   * @throws RotationRefusedException if it is not allowed, or not yet
   * @throws StoreUnavailableException if the store gives no answer, or none that is proved to be
   *     its newest
   */
  public synchronized Optional<String> perform(
      KeyAction action, @Nullable Long key, boolean force, String by) {
    return actions.perform(action, key, force, by);
  }

  /** From now on, keys under which {@code census} counts something are kept. */
  public void addCensus(KeyCensus census) {
    censuses.add(census);
  }

  /**
   * Adds the uses that this instance counted to the counter of all instances, and learns their sum.
   * Never throws for what the store answers or fails to answer: counting goes on.
   */
  public void shareUsage() {
    try {
      usage.share();
      report.tellWear(clock.instant());
    } catch (LatchkeyException ex) {
      journal.usageUnknown(ex);
    }
  }

  /** How the keyset stands. */
  public KeysetStatus status() {
    return report.status(clock.instant());
  }

  /** How long ago the newest answer that was brought into use was asked for, proved or not. */
  Duration sinceAnswer() {
    return inUse.sinceAnswer(clock.instant());
  }
}
