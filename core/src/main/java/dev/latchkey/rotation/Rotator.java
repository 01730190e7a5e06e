package dev.latchkey.rotation;

import dev.latchkey.LatchkeyException;
import dev.latchkey.StoreUnavailableException;
import dev.latchkey.WriteConflictException;
import dev.latchkey.keyset.KeyMetadata;
import dev.latchkey.keyset.KeyState;
import dev.latchkey.keyset.KeysetDraft;
import dev.latchkey.keyset.KeysetEditor;
import dev.latchkey.keyset.KeysetId;
import dev.latchkey.keyset.KeysetMetadata;
import dev.latchkey.keyset.KeysetReading;
import dev.latchkey.keyset.KeysetRegistry;
import dev.latchkey.keyset.KeysetRepository;
import dev.latchkey.keyset.KeysetSnapshot;
import dev.latchkey.keyset.KeysetTemplate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
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

  /** How often a lost check-and-set is followed by another try within one call. */
  private static final int ATTEMPTS = 5;

  /** From how many uses on their rate tells something. */
  private static final long MIN_OPERATIONS_FOR_RATE = 100_000;

  private final KeysetDefinition definition;
  private final KeysetRepository repository;
  private final KeysetRegistry registry;
  private final Clock clock;
  private final BiPredicate<KeysetSnapshot, KeysetSnapshot> successorRule;
  private final Journal journal;
  private final SharedUsage usage;
  private volatile @Nullable Held held;

  /** Why nothing is written, or null: what the store holds does not follow what is held. */
  private volatile @Nullable String divergence;

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
    this.definition = definition;
    this.repository = repository;
    this.registry = registry;
    this.clock = clock;
    this.successorRule = successorRule;
    this.journal = new Journal(definition.id(), events);
    this.usage = new SharedUsage(definition, repository, registry.usage(definition.id().name()));
  }

  /** The keyset's name. */
  public String name() {
    return id().name();
  }

  /**
   * Loads the keyset and brings it into use; makes it where the store says that it never was and
   * the definition allows it.
   *
   * @throws LatchkeyException if it cannot be read, opened or made
   */
  public synchronized void open() {
    if (!openExisting()) {
      Instant askedAt = clock.instant();
      opened(create(), askedAt);
    }
  }

  /**
   * Loads the keyset and brings it into use, if there is one.
   *
   * @return false if the store says that there never was one
   * @throws LatchkeyException if it cannot be read or opened
   */
  synchronized boolean openExisting() {
    Instant askedAt = clock.instant();
    Optional<KeysetReading> found = repository.load(id(), null);
    found.ifPresent(reading -> opened(reading, askedAt));
    return found.isPresent();
  }

  private void opened(KeysetReading reading, Instant askedAt) {
    accept(reading, askedAt);
    tellFreshness();
    if (template().isRawVariant()) {
      journal.hasNoKeyIds(template(), definition.policy().period() != null);
    }
  }

  private KeysetReading create() {
    if (!definition.createIfAbsent()) {
      throw new LatchkeyException(
          "Keyset %s does not exist at %s, and latchkey.keysets.%s.create is 'never'"
              .formatted(name(), repository.location(id()), name()),
          "Start the application once with latchkey.keysets.%s.create=if-absent and a policy that allows it, or check mount, path and owner."
              .formatted(name()));
    }
    KeysetEditor first = KeysetEditor.create(id(), template(), definition.policy().propagation());
    try {
      KeysetReading created = repository.create(id(), draft(first));
      journal.created(created.snapshot(), repository.location(id()));
      return created;
    } catch (WriteConflictException | StoreUnavailableException ex) {
      // another instance was first, or the write was taken and only its answer was lost
      return repository.load(id(), null).orElseThrow(() -> ex);
    }
  }

  /**
   * Asks the store for the newest generation, brings it into use, and takes the step that is due:
   * by the store's clock, and only on what is proved to be the store's newest. Never throws for
   * what the store answers or fails to answer.
   */
  public synchronized void refresh() {
    registry.usage(name()).look(clock.instant());
    try {
      KeysetReading newest = follow();
      NextStep step = next(newest.readAt());
      if (newest.proved() && step.isDue(newest.readAt())) {
        take(step);
      }
      followed();
    } catch (WriteConflictException ex) {
      journal.overtaken();
      followed();
    } catch (LatchkeyException ex) {
      journal.failed(ex);
    }
    tellFreshness();
  }

  private void followed() {
    if (divergence == null) { // an answer that is not proved does not end that
      journal.succeeded();
    }
  }

  private void take(NextStep step) {
    switch (step.action()) {
      case PROMOTE -> write(editor -> editor.promoteSpare().addSpare(template(), propagation()));
      case ADD_SPARE -> write(editor -> editor.addSpare(template(), propagation()));
      case DISABLE -> write(editor -> editor.bring(key(step), KeyState.DISABLED));
      case SCHEDULE_DESTROY -> write(editor -> editor.bring(key(step), KeyState.DESTROY_SCHEDULED));
      case NONE -> {}
    }
  }

  private static long key(NextStep step) {
    return Objects.requireNonNull(step.key());
  }

  /**
   * Does what a person asks for.
   *
   * @param key the id of the key that it concerns; null where the action needs none
   * @param force also where something stands against it, as far as no data can be lost
   * @return what was risked by forcing it, if anything
   * @throws RotationRefusedException if it is not allowed, or not yet
   * @throws StoreUnavailableException if the store gives no answer, or none that is proved to be
   *     its newest
   */
  public synchronized Optional<String> perform(
      KeyAction action, @Nullable Long key, boolean force) {
    followProved();
    long active = metadata().active().id();
    for (int attempt = 1; ; attempt++) {
      PlannedChange change =
          new ActionPlanner(definition, metadata(), held().reading().readAt())
              .plan(action, key, force);
      RotationRefusedException objection = change.objection();
      if (objection != null && !(force && change.overridable())) {
        throw objection;
      }
      try {
        write(change.edit());
        journal.performed(action, key);
        return Optional.ofNullable(objection).map(LatchkeyException::getMessage);
      } catch (WriteConflictException ex) {
        if (attempt == ATTEMPTS) {
          throw ex;
        }
        followProved();
        if (action == KeyAction.ROTATE && metadata().active().id() != active) {
          return Optional.empty(); // another instance did what was asked for
        }
      }
    }
  }

  /**
   * Adds the uses that this instance counted to the counter of all instances, and learns their sum.
   * Never throws for what the store answers or fails to answer: counting goes on.
   */
  public void shareUsage() {
    try {
      usage.share();
      tellWear();
    } catch (LatchkeyException ex) {
      journal.usageUnknown(ex);
    }
  }

  /** Warns where a key reaches its limit before a spare can take its place. */
  private void tellWear() {
    RotationPolicy policy = definition.policy();
    KeyMetadata active = metadata().active();
    Instant since = active.since();
    if (policy.maxOperations() == null || since == null) {
      return;
    }
    long operations = usage.atLeast(active.id());
    double age = Duration.between(since, held().storeTime(clock.instant())).toMillis();
    double inPropagation = operations / Math.max(age, 1) * propagation().toMillis();
    if (operations > MIN_OPERATIONS_FOR_RATE && inPropagation > policy.maxOperations() / 2.0) {
      journal.wearsTooFast(operations, policy.maxOperations());
    }
  }

  /** How the keyset stands. */
  public KeysetStatus status() {
    Held held = held();
    Instant now = clock.instant();
    KeysetMetadata metadata = held.snapshot().metadata();
    NextStep next =
        RotationPlanner.next(
            definition.policy(),
            metadata,
            held.storeTime(now),
            usage.atLeast(metadata.active().id()));
    String diverged = divergence;
    if (diverged != null) {
      next = next.blocked("the store was rolled back or replaced: nothing is written");
    } else if (!held.reading().proved()) {
      next = next.blocked("what was read last is not proved to be the store's newest");
    }
    return new KeysetStatus(
        definition,
        held.snapshot(),
        next,
        freshness(held, now),
        diverged != null,
        diverged != null ? diverged : journal.problem(),
        journal.counts(),
        registry.usage(name()).counts(),
        usage.total(metadata.active().id()));
  }

  /** How long ago what is held was proved to be the store's newest. */
  Duration age() {
    return freshness(held(), clock.instant()).age();
  }

  private Freshness freshness(Held held, Instant now) {
    return held.freshness(now, definition.maxStaleness());
  }

  private void tellFreshness() {
    journal.freshness(freshness(held(), clock.instant()), definition.maxStaleness());
  }

  private void followProved() {
    if (!follow().proved()) {
      throw new StoreUnavailableException(
          "What was read from %s is not proved to be its newest generation"
              .formatted(repository.location(id())),
          "Nothing was changed. Wait until the store's node has caught up with the active one, or ask another instance.");
    }
  }

  private KeysetReading follow() {
    Instant askedAt = clock.instant();
    KeysetReading newest = load();
    accept(newest, askedAt);
    return newest;
  }

  private void write(Consumer<KeysetEditor> edit) {
    KeysetSnapshot before = held().snapshot();
    Instant askedAt = clock.instant();
    KeysetEditor editor = KeysetEditor.of(before);
    edit.accept(editor);
    KeysetDraft draft = draft(editor);
    try {
      accept(repository.save(id(), draft, before.generation()), askedAt);
    } catch (WriteConflictException | StoreUnavailableException ex) {
      KeysetReading now = load();
      if (!now.snapshot().metadata().operation().equals(draft.metadata().operation())) {
        throw ex;
      }
      accept(now, askedAt); // the write was taken, only its answer was lost
    }
  }

  private KeysetDraft draft(KeysetEditor editor) {
    return editor.draft(definition.policy().rejectCompromised());
  }

  private KeysetReading load() {
    Held before = held;
    return repository
        .load(id(), (before != null) ? before.snapshot() : null)
        .orElseThrow(
            () ->
                diverged("Keyset %s is gone from %s".formatted(name(), repository.location(id()))));
  }

  private void accept(KeysetReading reading, Instant askedAt) {
    KeysetSnapshot next = reading.snapshot();
    Held now = held;
    KeysetSnapshot before = (now != null) ? now.snapshot() : null;
    if (before == null) {
      requireSamePrimitives(next);
    } else if (!successorRule.test(next, before)) {
      throw diverged(
          "%s holds generation %d, which does not follow generation %d of keyset %s in use: it was rolled back or replaced"
              .formatted(
                  repository.location(id()), next.generation(), before.generation(), name()));
    }
    if (next != before) {
      registry.publish(name(), next);
      journal.followed(before, next);
    }
    held = (now != null) ? now.followedBy(reading, askedAt) : Held.first(reading, askedAt);
    if (reading.proved()) {
      divergence = null;
    }
  }

  /** Freezes all writes: each comes after an answer that was accepted, and this one was not. */
  private RotationRefusedException diverged(String what) {
    RotationRefusedException ex =
        new RotationRefusedException(
            what,
            "The keys in memory stay in use, and nothing is written. DO NOT RESTART: what starts now"
                + " works with what the store holds. Restore the newest document in the store.",
            null);
    divergence = Journal.text(ex);
    return ex;
  }

  private void requireSamePrimitives(KeysetSnapshot opened) {
    for (KeyMetadata key : opened.metadata().keys()) {
      if (KeysetTemplate.of(key.template()).family() != template().family()) {
        throw new LatchkeyException(
            "Keyset %s is to be %s, but %s holds keys made by %s, which has other primitives"
                .formatted(name(), template().name(), repository.location(id()), key.template()),
            "Set latchkey.keysets.%s.template back to %s, or give the new keyset another name."
                .formatted(name(), key.template()));
      }
    }
  }

  private NextStep next(Instant storeNow) {
    return RotationPlanner.next(
        definition.policy(), metadata(), storeNow, usage.atLeast(metadata().active().id()));
  }

  private Held held() {
    return Objects.requireNonNull(held, "open() comes first");
  }

  private KeysetMetadata metadata() {
    return held().snapshot().metadata();
  }

  private KeysetId id() {
    return definition.id();
  }

  private KeysetTemplate template() {
    return definition.template();
  }

  private Duration propagation() {
    return definition.policy().propagation();
  }
}
