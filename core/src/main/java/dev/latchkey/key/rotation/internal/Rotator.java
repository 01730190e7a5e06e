package dev.latchkey.key.rotation.internal;

import com.google.crypto.tink.Parameters;
import dev.latchkey.LatchkeyException;
import dev.latchkey.WriteConflictException;
import dev.latchkey.key.KeyMetadata;
import dev.latchkey.key.KeysetMetadata;
import dev.latchkey.key.document.internal.KeysetReading;
import dev.latchkey.key.document.internal.KeysetRepository;
import dev.latchkey.key.internal.KeysetSnapshot;
import dev.latchkey.key.internal.TinkKeys;
import dev.latchkey.key.live.internal.KeysetRegistry;
import dev.latchkey.key.rotation.KeyAction;
import dev.latchkey.key.rotation.KeyReferences;
import dev.latchkey.key.rotation.KeysetStatus;
import dev.latchkey.key.rotation.KeysetStatus.NextStep;
import dev.latchkey.key.rotation.RotationEvent;
import dev.latchkey.key.rotation.RotationPolicy;
import dev.latchkey.key.rotation.RotationRefusedException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.BiPredicate;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Keeps one keyset: opens it, follows what other instances write, and takes the steps that are due.
 * If something fails after startup, the last good keys stay in use and {@link #status()} shows why.
 */
public final class Rotator {

  /** The number of uses from which on their rate is meaningful. */
  private static final long MIN_OPERATIONS_FOR_RATE = 100_000;

  private static final Duration DEFAULT_MAX_CLOCK_DIFFERENCE = Duration.ofHours(1);

  private final KeysetDefinition definition;
  private final RotationEvents events;
  private final FollowedKeyset keyset;
  private final PublicHalfPublisher publicHalf;
  private final SharedUsage usage;
  private final References references;
  private final KeyDestroyer destroyer;
  private final KeysetSteps steps;

  /**
   * @param clock this instance's clock: only shows how old a response of the store is
   * @param listener called with each event, on the thread on which it happens
   */
  public Rotator(
      KeysetDefinition definition,
      KeysetRepository repository,
      KeysetRegistry registry,
      Clock clock,
      Consumer<? super RotationEvent> listener) {
    this(definition, repository, registry, clock, listener, KeysetSnapshot::succeeds);
  }

  /**
   * @param clock this instance's clock
   * @param nanoTime measures durations, as {@link System#nanoTime()} does
   * @param maxClockDifference how far this instance's clock and the store's may differ, and how far
   *     a clock may jump, if keys are to be disabled or destroyed automatically
   * @param listener called with each event, on the thread on which it happens
   */
  public Rotator(
      KeysetDefinition definition,
      KeysetRepository repository,
      KeysetRegistry registry,
      Clock clock,
      LongSupplier nanoTime,
      Duration maxClockDifference,
      Consumer<? super RotationEvent> listener) {
    this(
        definition,
        repository,
        registry,
        clock,
        new ClockTrust(clock, nanoTime, maxClockDifference),
        listener,
        KeysetSnapshot::succeeds);
  }

  /**
   * @param successorRule whether its first argument may replace its second, which is held
   */
  Rotator(
      KeysetDefinition definition,
      KeysetRepository repository,
      KeysetRegistry registry,
      Clock clock,
      Consumer<? super RotationEvent> listener,
      BiPredicate<KeysetSnapshot, KeysetSnapshot> successorRule) {
    this(
        definition,
        repository,
        registry,
        clock,
        new ClockTrust(
            clock,
            () -> Duration.between(Instant.EPOCH, clock.instant()).toNanos(),
            DEFAULT_MAX_CLOCK_DIFFERENCE),
        listener,
        successorRule);
  }

  private Rotator(
      KeysetDefinition definition,
      KeysetRepository repository,
      KeysetRegistry registry,
      Clock clock,
      ClockTrust trust,
      Consumer<? super RotationEvent> listener,
      BiPredicate<KeysetSnapshot, KeysetSnapshot> successorRule) {
    this.definition = definition;
    this.events = new RotationEvents(definition.id(), listener);
    this.keyset =
        new FollowedKeyset(definition, repository, registry, clock, trust, events, successorRule);
    this.publicHalf = new PublicHalfPublisher(keyset);
    this.usage = new SharedUsage(definition, repository, registry.usage(definition.id().name()));
    this.references = new References(definition.id(), clock);
    this.destroyer = new KeyDestroyer(keyset, references);
    this.steps = new KeysetSteps(keyset, publicHalf, usage, references, destroyer);
  }

  /** The keyset's name. */
  public String name() {
    return definition.id().name();
  }

  /**
   * Loads the keyset and brings it into use. Creates it if the store says that it never existed and
   * the definition allows it.
   *
   * @throws LatchkeyException if it cannot be read, opened or created
   */
  public synchronized void open() {
    if (!openExisting()) {
      keyset.create();
      opened();
    }
    publish();
  }

  /**
   * Loads the keyset and brings it into use, if there is one.
   *
   * @return false if the store says that it never existed
   * @throws LatchkeyException if it cannot be read or opened
   */
  synchronized boolean openExisting() {
    Parameters ignored =
        TinkKeys.parameters(definition.template()); // fails before anything is read
    boolean found = keyset.openExisting();
    if (found) {
      opened();
    }
    return found;
  }

  /**
   * Publishes the public half, if the application owns the keyset and the keyset has one.
   *
   * @throws LatchkeyException if it cannot be read or written
   */
  synchronized void publish() {
    publicHalf.follow();
  }

  private void opened() {
    reportFreshness();
    if (definition.template().isRawVariant()) {
      events.hasNoKeyIds(definition.template(), definition.policy().period() != null);
    }
  }

  /**
   * Loads the newest generation, brings it into use, and takes the step that is due: by the store's
   * clock, and only if the generation is proved to be the store's newest. Never throws because of
   * the store.
   */
  public synchronized void refresh() {
    usage.counters().recordLastUses(keyset.now());
    if (usage.isShareDue(keyset.metadata().active().id())) {
      shareUsage();
    }
    try {
      KeysetReading newest = keyset.follow();
      Instant storeNow = newest.readAt();
      boolean beforeStep = newest.proved() && steps.next(storeNow).isDue(storeNow);
      LatchkeyException unpublished = publicHalf.followIfNeeded(beforeStep);
      if (newest.proved() && steps.takeDue(storeNow)) {
        unpublished = publicHalf.tryToFollow();
      }
      if (newest.proved() && definition.access().owns() && keyset.trust().doubt() == null) {
        destroyer.resume(keyset.now());
      }
      if (unpublished != null) {
        throw unpublished;
      }
      followed();
    } catch (WriteConflictException ex) {
      events.overtaken();
      followed();
    } catch (LatchkeyException ex) {
      events.failed(ex);
    }
    reportFreshness();
  }

  private void followed() {
    if (keyset.divergence() == null) { // a response that is not proved does not end a divergence
      events.succeeded();
    }
  }

  private void reportFreshness() {
    Duration maxStaleness = definition.maxStaleness();
    events.freshness(keyset.held().freshness(keyset.now(), maxStaleness), maxStaleness);
  }

  /**
   * Performs what an operator requests.
   *
   * @throws RotationRefusedException if it is not allowed, or not yet
   * @see #perform(KeyAction, Long, boolean, String)
   */
  public Optional<String> perform(KeyAction action, @Nullable Long key, boolean force) {
    return perform(action, key, force, "unknown");
  }

  /**
   * Performs what an operator requests.
   *
   * @param key the id of the key that it concerns; null if the action needs none
   * @param force whether to override what prevents it, as far as no data can be lost
   * @param by who requests it
   * @return the risk that was taken, or what an operator should know, if anything
   * @throws RotationRefusedException if it is not allowed, or not yet
   * @throws dev.latchkey.StoreUnavailableException if the store does not respond, or its response
   *     is not proved to be its newest
   */
  public synchronized Optional<String> perform(
      KeyAction action, @Nullable Long key, boolean force, String by) {
    return steps.perform(action, key, force, by);
  }

  /** Keeps keys in use from now on as long as {@code source} counts references to them. */
  public void addReferences(KeyReferences source) {
    references.add(source);
  }

  /**
   * Adds the uses that this instance counted to the counter of all instances, and reads the totals.
   * Never throws because of the store: counting continues.
   */
  public void shareUsage() {
    try {
      usage.share();
      reportUsage();
    } catch (LatchkeyException ex) {
      events.usageUnknown(ex);
    }
  }

  /** Warns if the active key will reach its usage limit before a spare can replace it. */
  private void reportUsage() {
    RotationPolicy policy = definition.policy();
    KeyMetadata active = keyset.metadata().active();
    Instant since = active.since();
    if (policy.maxOperations() == null || since == null) {
      return;
    }
    long operations = usage.atLeast(active.id());
    double age = Duration.between(since, keyset.held().storeTime(keyset.now())).toMillis();
    double inPropagation = operations / Math.max(age, 1) * policy.propagation().toMillis();
    if (operations > MIN_OPERATIONS_FOR_RATE && inPropagation > policy.maxOperations() / 2.0) {
      events.approachesUsageLimit(active.id(), operations, policy.maxOperations());
    }
  }

  /** The status of the keyset. */
  public KeysetStatus status() {
    Held held = keyset.held();
    Instant now = keyset.now();
    KeysetMetadata metadata = held.snapshot().metadata();
    String divergence = keyset.divergence();
    return new KeysetStatus(
        definition.id(),
        definition.access(),
        definition.template(),
        definition.policy(),
        definition.createIfAbsent(),
        held.snapshot().generation(),
        metadata,
        nextStep(held, now, divergence),
        held.freshness(now, definition.maxStaleness()),
        divergence != null,
        divergence != null ? divergence : problem(),
        events.counts(),
        usage.counters().usage(),
        usage.total(metadata.active().id()),
        destroyer.open());
  }

  private @Nullable String problem() {
    String problem = events.problem();
    String doubt = keyset.trust().doubt();
    return problem != null || doubt == null
        ? problem
        : "Keyset %s: %s. No key is disabled or destroyed automatically until that is over"
            .formatted(name(), doubt);
  }

  private NextStep nextStep(Held held, Instant now, @Nullable String divergence) {
    NextStep next = steps.next(held.storeTime(now)).shown();
    if (divergence != null) {
      return next.blocked("the store was rolled back or replaced: nothing is written");
    }
    if (!held.reading().proved()) {
      return next.blocked("the last read is not proved to be the store's newest");
    }
    if (next.action() == NextStep.Action.PROMOTE && publicHalf.lacksSpare()) {
      return next.blocked("the public half of the spare is not published yet");
    }
    return next;
  }

  /** Whether the last attempt to read or rotate failed. */
  boolean isFailing() {
    return events.problem() != null;
  }

  /** How long ago the response in use was requested, proved or not. */
  Duration sinceAnswer() {
    return keyset.held().sinceAnswer(keyset.now());
  }
}
