package dev.latchkey.key.rotation.internal;

import dev.latchkey.LatchkeyException;
import dev.latchkey.StoreUnavailableException;
import dev.latchkey.WriteConflictException;
import dev.latchkey.key.document.internal.KeysetReading;
import dev.latchkey.key.document.internal.KeysetRepository;
import dev.latchkey.key.internal.KeysetDraft;
import dev.latchkey.key.internal.KeysetEditor;
import dev.latchkey.key.internal.KeysetSnapshot;
import java.time.Clock;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Reads one keyset from the store and writes it back: what is read and what is written comes into
 * use here. A write whose answer was lost is recognised by its operation's id.
 */
final class KeysetFollower {

  private final KeysetDefinition definition;
  private final KeysetRepository repository;
  private final KeysetInUse inUse;
  private final Journal journal;
  private final Clock clock;
  private @Nullable KeysetEditor first;

  /**
   * @param clock this instance's clock
   */
  KeysetFollower(
      KeysetDefinition definition,
      KeysetRepository repository,
      KeysetInUse inUse,
      Journal journal,
      Clock clock) {
    this.definition = definition;
    this.repository = repository;
    this.inUse = inUse;
    this.journal = journal;
    this.clock = clock;
  }

  /**
   * Loads the keyset for the first time.
   *
   * @return false if the store says that there never was one: what it will start with is ready then
   * @throws LatchkeyException also if there is none, and nothing that it could start with
   */
  boolean openExisting() {
    Instant askedAt = clock.instant();
    Optional<KeysetReading> found = repository.load(definition.id(), null);
    found.ifPresent(reading -> inUse.accept(reading, askedAt));
    if (found.isEmpty() && first == null && mayCreate()) {
      first =
          definition
              .origin()
              .start(definition.id(), definition.template(), definition.policy().propagation());
    }
    return found.isPresent();
  }

  private boolean mayCreate() {
    return definition.access().owns() && definition.createIfAbsent();
  }

  /** Makes the first generation, if that is allowed and nobody else was first. */
  void create() {
    requireCreationAllowed();
    Instant askedAt = clock.instant();
    inUse.accept(createOrLoad(), askedAt);
  }

  private void requireCreationAllowed() {
    String name = definition.id().name();
    if (!definition.access().owns()) {
      String owner = definition.id().owner();
      throw new LatchkeyException(
          "Keyset %s of %s does not exist at %s".formatted(name, owner, inUse.location()),
          "Only its owner makes it: check latchkey.keysets.%s.owner and the keyset's name, or start %s first."
              .formatted(name, owner));
    }
    if (!definition.createIfAbsent()) {
      throw new LatchkeyException(
          "Keyset %s does not exist at %s, and latchkey.keysets.%s.create is 'never'"
              .formatted(name, inUse.location(), name),
          "Start the application once with latchkey.keysets.%s.create=if-absent and a policy that allows it, or check mount, path and owner."
              .formatted(name));
    }
  }

  private KeysetReading createOrLoad() {
    KeysetDraft draft = draft(Objects.requireNonNull(first, "openExisting() comes first"));
    first = null;
    try {
      KeysetReading created = repository.create(definition.id(), draft);
      journal.created(created.snapshot(), inUse.location());
      return created;
    } catch (WriteConflictException | StoreUnavailableException ex) {
      // another instance was first, or the write was taken and only its answer was lost
      return repository.load(definition.id(), null).orElseThrow(() -> ex);
    }
  }

  /** Asks the store for the newest generation, and brings it into use. */
  KeysetReading follow() {
    Instant askedAt = clock.instant();
    KeysetReading newest = load();
    inUse.accept(newest, askedAt);
    return newest;
  }

  /**
   * The same, for one who is about to write.
   *
   * @throws StoreUnavailableException if what came is not proved to be the newest
   */
  void followProved() {
    if (!follow().proved()) {
      throw notProved();
    }
  }

  StoreUnavailableException notProved() {
    return new StoreUnavailableException(
        "What was read from %s is not proved to be its newest generation"
            .formatted(inUse.location()),
        "Nothing was changed. Wait until the store's node has caught up with the active one, or ask another instance.");
  }

  /**
   * Writes the generation after the one that is held.
   *
   * @throws WriteConflictException if the store holds another one
   */
  void write(Consumer<KeysetEditor> edit) {
    KeysetSnapshot before = inUse.held().snapshot();
    KeysetEditor editor = KeysetEditor.of(before);
    edit.accept(editor);
    write(draft(editor), before.generation());
  }

  /**
   * Writes what was restored, over a generation that does not precede it.
   *
   * @param storedGeneration which one that is; 0 where the store holds nothing
   * @throws WriteConflictException if the store holds another one
   */
  void restore(KeysetEditor restored, long storedGeneration) {
    write(draft(restored), storedGeneration);
  }

  private void write(KeysetDraft draft, long over) {
    Instant askedAt = clock.instant();
    try {
      inUse.accept(
          over == 0
              ? repository.create(definition.id(), draft)
              : repository.save(definition.id(), draft, over),
          askedAt);
    } catch (WriteConflictException | StoreUnavailableException ex) {
      KeysetReading now = load();
      if (!now.snapshot().metadata().operation().equals(draft.metadata().operation())) {
        throw ex;
      }
      inUse.accept(now, askedAt); // the write was taken, only its answer was lost
    }
  }

  private KeysetReading load() {
    return repository.load(definition.id(), inUse.snapshot()).orElseThrow(inUse::gone);
  }

  private KeysetDraft draft(KeysetEditor editor) {
    return editor.draft(definition.policy().rejectCompromised());
  }
}
