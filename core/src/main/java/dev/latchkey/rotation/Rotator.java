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
import dev.latchkey.rotation.RotationEvent.KeyStateChanged;
import dev.latchkey.rotation.RotationEvent.KeysetCreated;
import dev.latchkey.rotation.RotationEvent.KeysetRefreshFailed;
import dev.latchkey.rotation.RotationEvent.KeysetRefreshRecovered;
import dev.latchkey.rotation.RotationEvent.KeysetRotated;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps one keyset: opens it, follows what other instances write, and takes the steps that are due.
 * Whatever fails after the start leaves the last good keys in use and is told by {@link #status()}.
 *
 * @since 0.1
 */
public final class Rotator {

  private static final Logger logger = LoggerFactory.getLogger(Rotator.class);

  /** How often a lost check-and-set is followed by another try within one call. */
  private static final int ATTEMPTS = 5;

  private final KeysetDefinition definition;
  private final KeysetRepository repository;
  private final KeysetRegistry registry;
  private final Clock clock;
  private final Consumer<? super RotationEvent> events;
  private final LongAdder refreshes = new LongAdder();
  private final LongAdder failures = new LongAdder();
  private final LongAdder rotations = new LongAdder();
  private volatile @Nullable Held held;
  private volatile @Nullable String problem;

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
    this.definition = definition;
    this.repository = repository;
    this.registry = registry;
    this.clock = clock;
    this.events = events;
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
    Optional<KeysetReading> found = repository.load(id(), null);
    accept(found.isPresent() ? found.get() : create());
    if (template().isRawVariant()) {
      logger.warn(
          "Keyset {} is {}: what its keys make carries no key id, so each older key costs time on"
              + " every call. It {}; prefer {}",
          name(),
          template().name(),
          definition.policy().period() == null
              ? "does not rotate by itself"
              : "rotates all the same",
          template().name().replace("_RAW", ""));
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
      logger.info(
          "Keyset {} was created at {}: key {} is active",
          name(),
          repository.location(id()),
          created.snapshot().metadata().active().id());
      events.accept(new KeysetCreated(id(), created.snapshot().metadata().active().id()));
      return created;
    } catch (WriteConflictException ex) {
      return load();
    }
  }

  /**
   * Asks the store for the newest generation, brings it into use, and takes the step that is due.
   * Never throws for what the store answers or fails to answer.
   */
  public synchronized void refresh() {
    try {
      accept(load());
      NextStep step = next(held().reading().readAt());
      if (step.isDue(held().reading().readAt())) {
        take(step);
      }
      recovered();
    } catch (WriteConflictException ex) {
      logger.debug("Keyset {}: another instance was first; the next refresh follows it", name());
    } catch (LatchkeyException ex) {
      failed(ex);
    }
  }

  private void take(NextStep step) {
    switch (step.action()) {
      case PROMOTE -> write(editor -> editor.promoteSpare().addSpare(template(), propagation()));
      case ADD_SPARE -> write(editor -> editor.addSpare(template(), propagation()));
      case NONE -> {}
    }
  }

  /**
   * Does what a person asks for.
   *
   * @param key the id of the key that it concerns; null where the action needs none
   * @param force also where something stands against it, as far as no data can be lost
   * @return what was risked by forcing it, if anything
   * @throws RotationRefusedException if it is not allowed, or not yet
   * @throws StoreUnavailableException if the store gives no answer
   */
  public synchronized Optional<String> perform(
      KeyAction action, @Nullable Long key, boolean force) {
    accept(load());
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
        logger.info("Keyset {}: {} done{}", name(), action.text(), key == null ? "" : " to " + key);
        return Optional.ofNullable(objection).map(LatchkeyException::getMessage);
      } catch (WriteConflictException ex) {
        if (attempt == ATTEMPTS) {
          throw ex;
        }
        accept(load());
        if (action == KeyAction.ROTATE && metadata().active().id() != active) {
          return Optional.empty(); // another instance did what was asked for
        }
      }
    }
  }

  /** How the keyset stands. */
  public KeysetStatus status() {
    Held now = held();
    return new KeysetStatus(
        definition,
        now.reading().snapshot(),
        next(now.reading().readAt().plus(now.age(clock))),
        now.reading().readAt(),
        now.age(clock),
        problem,
        new KeysetStatus.Counts(refreshes.sum(), failures.sum(), rotations.sum()));
  }

  private void write(Consumer<KeysetEditor> edit) {
    KeysetSnapshot before = held().reading().snapshot();
    KeysetEditor editor = KeysetEditor.of(before);
    edit.accept(editor);
    KeysetDraft draft = draft(editor);
    try {
      accept(repository.save(id(), draft, before.generation()));
    } catch (WriteConflictException | StoreUnavailableException ex) {
      KeysetReading now = load();
      if (!now.snapshot().metadata().operation().equals(draft.metadata().operation())) {
        throw ex;
      }
      accept(now); // the write was taken, only its answer was lost
    }
  }

  private KeysetDraft draft(KeysetEditor editor) {
    return editor.draft(definition.policy().rejectCompromised());
  }

  private KeysetReading load() {
    Held before = held;
    return repository
        .load(id(), (before != null) ? before.reading().snapshot() : null)
        .orElseThrow(
            () ->
                new LatchkeyException(
                    "Keyset %s is gone from %s".formatted(name(), repository.location(id())),
                    "The keys in memory stay in use. Do not restart: restore the document in the store."));
  }

  private void accept(KeysetReading reading) {
    KeysetSnapshot next = reading.snapshot();
    KeysetSnapshot before = (held != null) ? held().reading().snapshot() : null;
    if (before == null) {
      requireSamePrimitives(next);
    } else if (!next.succeeds(before)) {
      throw new LatchkeyException(
          "%s holds generation %d, which does not follow generation %d of keyset %s in use: it was rolled back or replaced"
              .formatted(repository.location(id()), next.generation(), before.generation(), name()),
          "The keys in memory stay in use. Do not restart: restore the newest document in the store.");
    }
    if (next != before) {
      registry.publish(name(), next);
      told(before, next);
    }
    held = new Held(reading, clock.instant());
  }

  private void told(@Nullable KeysetSnapshot before, KeysetSnapshot next) {
    logger.debug("Keyset {}: generation {} is in use", name(), next.generation());
    if (before == null) {
      return;
    }
    long active = next.metadata().active().id();
    long previous = before.metadata().active().id();
    if (active != previous) {
      rotations.increment();
      logger.info("Keyset {} rotated: key {} is active instead of {}", name(), active, previous);
      events.accept(new KeysetRotated(id(), active, previous));
    }
    for (KeyMetadata key : next.metadata().keys()) {
      KeyState from = before.metadata().find(key.id()).map(KeyMetadata::state).orElse(null);
      if (from != key.state()) {
        events.accept(new KeyStateChanged(id(), key.id(), from, key.state()));
      }
    }
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

  private void failed(LatchkeyException ex) {
    String text = ex.getMessage() + ". " + ex.action();
    if (!text.equals(problem)) {
      logger.warn("Keyset {} keeps its keys in use, but: {}", name(), text);
      events.accept(new KeysetRefreshFailed(id(), text));
    }
    problem = text;
    failures.increment();
  }

  private void recovered() {
    if (problem != null) {
      logger.info("Keyset {} follows its store again", name());
      events.accept(new KeysetRefreshRecovered(id()));
    }
    problem = null;
    refreshes.increment();
  }

  private NextStep next(Instant storeNow) {
    return RotationPlanner.next(definition.policy(), metadata(), storeNow);
  }

  private Held held() {
    return Objects.requireNonNull(held, "open() comes first");
  }

  private KeysetMetadata metadata() {
    return held().reading().snapshot().metadata();
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

  /**
   * The newest answer of the store.
   *
   * @param reading what it answered
   * @param at when, by this instance's clock
   */
  private record Held(KeysetReading reading, Instant at) {

    private Duration age(Clock clock) {
      Duration age = Duration.between(at, clock.instant());
      return age.isNegative() ? Duration.ZERO : age;
    }
  }
}
