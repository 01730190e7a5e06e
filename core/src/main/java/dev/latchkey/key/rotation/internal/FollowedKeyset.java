package dev.latchkey.key.rotation.internal;

import dev.latchkey.LatchkeyException;
import dev.latchkey.StoreUnavailableException;
import dev.latchkey.WriteConflictException;
import dev.latchkey.key.KeysetMetadata;
import dev.latchkey.key.document.internal.KeysetReading;
import dev.latchkey.key.document.internal.KeysetRepository;
import dev.latchkey.key.internal.KeysetDraft;
import dev.latchkey.key.internal.KeysetEditor;
import dev.latchkey.key.internal.KeysetSnapshot;
import dev.latchkey.key.live.internal.KeysetRegistry;
import dev.latchkey.key.rotation.RotationRefusedException;
import java.time.Clock;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BiPredicate;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One keyset as this instance follows it: reads it from the store, writes it back, and brings both
 * into use. Only a successor of what is held is used. Whatever else the store returns stops all
 * writes until it returns a successor again.
 *
 * <p>A write whose response was lost is recognized by the id of its operation.
 */
final class FollowedKeyset {

  private final KeysetDefinition definition;
  private final KeysetRepository repository;
  private final KeysetRegistry registry;
  private final Clock clock;
  private final ClockTrust trust;
  private final RotationEvents events;
  private final BiPredicate<KeysetSnapshot, KeysetSnapshot> successorRule;

  private @Nullable KeysetEditor first;
  private volatile @Nullable Held held;
  private volatile @Nullable String divergence;

  /**
   * @param clock this instance's clock
   * @param trust compares it with the store's
   * @param successorRule whether its first argument may replace its second, which is held
   */
  FollowedKeyset(
      KeysetDefinition definition,
      KeysetRepository repository,
      KeysetRegistry registry,
      Clock clock,
      ClockTrust trust,
      RotationEvents events,
      BiPredicate<KeysetSnapshot, KeysetSnapshot> successorRule) {
    this.definition = definition;
    this.repository = repository;
    this.registry = registry;
    this.clock = clock;
    this.trust = trust;
    this.events = events;
    this.successorRule = successorRule;
  }

  KeysetDefinition definition() {
    return definition;
  }

  KeysetRepository repository() {
    return repository;
  }

  RotationEvents events() {
    return events;
  }

  /** The time of this instance's clock. */
  Instant now() {
    return clock.instant();
  }

  /** Whether the time may end the use of a key. */
  ClockTrust trust() {
    return trust;
  }

  /** What is held; available from startup on. */
  Held held() {
    return Objects.requireNonNull(held, "open() comes first");
  }

  KeysetMetadata metadata() {
    return held().snapshot().metadata();
  }

  /** Why nothing is written, or null: the store holds no successor of what is held. */
  @Nullable String divergence() {
    return divergence;
  }

  /** Whether this could replace what is held. */
  boolean mayFollow(KeysetSnapshot next) {
    return successorRule.test(next, held().snapshot());
  }

  /**
   * Loads the keyset for the first time.
   *
   * @return false if the store says that it never existed: its first generation is prepared then
   * @throws LatchkeyException also if it never existed and nothing can start it
   */
  boolean openExisting() {
    Instant askedAt = now();
    Optional<KeysetReading> found = repository.load(definition.id(), null);
    found.ifPresent(reading -> accept(reading, askedAt));
    if (found.isEmpty() && first == null && definition.mayCreate()) {
      first = definition.firstGeneration();
    }
    return found.isPresent();
  }

  /** Creates the first generation, if that is allowed and no other instance was first. */
  void create() {
    definition.requireMayCreate(location());
    Instant askedAt = now();
    accept(createOrLoad(), askedAt);
  }

  private KeysetReading createOrLoad() {
    KeysetDraft draft = draft(Objects.requireNonNull(first, "openExisting() comes first"));
    first = null;
    try {
      KeysetReading created = repository.create(definition.id(), draft);
      events.created(created.snapshot().metadata(), location());
      return created;
    } catch (WriteConflictException | StoreUnavailableException ex) {
      // another instance was first, or the write succeeded and only its response was lost
      return repository.load(definition.id(), null).orElseThrow(() -> ex);
    }
  }

  /** Loads the newest generation and brings it into use. */
  KeysetReading follow() {
    Instant askedAt = now();
    KeysetReading newest = load();
    accept(newest, askedAt);
    return newest;
  }

  /**
   * The same, before a write.
   *
   * @throws StoreUnavailableException if the response is not proved to be the newest generation
   */
  void followProved() {
    if (!follow().proved()) {
      throw notProved();
    }
  }

  StoreUnavailableException notProved() {
    return new StoreUnavailableException(
        "%s returned a generation that is not proved to be its newest".formatted(location()),
        "Nothing was changed. Wait until the store's node has caught up with the active node, or use another instance.");
  }

  /**
   * Writes the generation after the one that is held.
   *
   * @throws WriteConflictException if the store holds another generation
   */
  void write(Consumer<KeysetEditor> change) {
    KeysetSnapshot before = held().snapshot();
    KeysetEditor editor = KeysetEditor.of(before);
    change.accept(editor);
    write(editor, before.generation());
  }

  /**
   * Writes over a generation that need not precede the written one.
   *
   * @param storedGeneration the generation in the store; 0 if the store holds nothing
   * @throws WriteConflictException if the store holds another generation
   */
  void write(KeysetEditor next, long storedGeneration) {
    KeysetDraft draft = draft(next);
    Instant askedAt = now();
    try {
      accept(
          storedGeneration == 0
              ? repository.create(definition.id(), draft)
              : repository.save(definition.id(), draft, storedGeneration),
          askedAt);
    } catch (WriteConflictException | StoreUnavailableException ex) {
      KeysetReading now = load();
      if (!now.snapshot().metadata().operation().equals(draft.metadata().operation())) {
        throw ex;
      }
      accept(now, askedAt); // the write succeeded, only its response was lost
    }
  }

  private KeysetReading load() {
    Held now = held;
    return repository
        .load(definition.id(), now == null ? null : now.snapshot())
        .orElseThrow(() -> diverged("Keyset %s is gone from %s".formatted(name(), location())));
  }

  private KeysetDraft draft(KeysetEditor editor) {
    return editor.draft(definition.policy().rejectCompromised());
  }

  /** Starts using a response of the store. */
  private void accept(KeysetReading reading, Instant askedAt) {
    KeysetSnapshot next = reading.snapshot();
    Held now = held;
    KeysetSnapshot before = now == null ? null : now.snapshot();
    if (before == null) {
      definition.requireFits(next.metadata(), location());
    } else if (!successorRule.test(next, before)) {
      throw diverged(
          "%s holds generation %d of keyset %s, which does not follow generation %d in use: it was rolled back or replaced"
              .formatted(location(), next.generation(), name(), before.generation()));
    }
    trust.observe(reading.readAt());
    if (next != before) {
      registry.publish(name(), next);
    }
    held = now == null ? Held.first(reading, askedAt) : now.followedBy(reading, askedAt);
    if (reading.proved()) {
      divergence = null;
    }
    if (next != before) {
      events.followed(
          before == null ? null : before.metadata(), next.metadata(), next.generation());
    }
  }

  /** Stops all writes: each one follows a response that was accepted, and this one was not. */
  private RotationRefusedException diverged(String what) {
    RotationRefusedException ex =
        new RotationRefusedException(
            what,
            "The keys in memory stay in use, and nothing is written. DO NOT RESTART: a new process"
                + " would use what the store holds. "
                + (definition.access().owns()
                    ? "The action 'restore', on the instance that holds the newest keys, writes them back."
                    : "Ask the operators of %s, its owner.".formatted(definition.id().owner())),
            null);
    divergence = RotationEvents.text(ex);
    return ex;
  }

  RotationRefusedException refused(Step.Block block) {
    return new RotationRefusedException(
        "Keyset %s: %s".formatted(name(), block.reason()), block.fix(), block.until());
  }

  /** Where the store keeps the keyset, for messages. */
  private String location() {
    return repository.location(definition.id());
  }

  private String name() {
    return definition.id().name();
  }
}
