package dev.latchkey.key.rotation.internal;

import dev.latchkey.LatchkeyException;
import dev.latchkey.WriteConflictException;
import dev.latchkey.key.KeyState;
import dev.latchkey.key.KeysetTemplate;
import dev.latchkey.key.internal.KeysetEditor;
import dev.latchkey.key.rotation.KeyAction;
import dev.latchkey.key.rotation.NextStep;
import dev.latchkey.key.rotation.RotationRefusedException;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Does to one keyset what is due, and what a person asks for. */
final class KeysetActions {

  /** How often a lost check-and-set is followed by another try within one call. */
  private static final int ATTEMPTS = 5;

  private final KeysetDefinition definition;
  private final KeysetInUse inUse;
  private final KeysetFollower follower;
  private final Publication publication;
  private final Censuses censuses;
  private final KeyDestroyer destroyer;
  private final Restorer restorer;
  private final Journal journal;

  KeysetActions(
      KeysetDefinition definition,
      KeysetInUse inUse,
      KeysetFollower follower,
      Publication publication,
      Censuses censuses,
      KeyDestroyer destroyer,
      Restorer restorer,
      Journal journal) {
    this.definition = definition;
    this.inUse = inUse;
    this.follower = follower;
    this.publication = publication;
    this.censuses = censuses;
    this.destroyer = destroyer;
    this.restorer = restorer;
    this.journal = journal;
  }

  /**
   * Takes a step that is due. A destruction is only asked for: it takes its own time, and nothing
   * else waits for it.
   *
   * @return false if a census keeps the key, so that another step may be due instead
   */
  boolean take(NextStep step) {
    if (isEndOfUse(step.action()) && censuses.under(key(step)).isPresent()) {
      return false;
    }
    KeysetTemplate template = definition.template();
    Duration propagation = definition.policy().propagation();
    switch (step.action()) {
      case PROMOTE -> rotate(editor -> editor.promoteSpare().addSpare(template, propagation));
      case ADD_SPARE -> follower.write(editor -> editor.addSpare(template, propagation));
      case DISABLE -> follower.write(editor -> editor.bring(key(step), KeyState.DISABLED));
      case SCHEDULE_DESTROY ->
          follower.write(editor -> editor.bring(key(step), KeyState.DESTROY_SCHEDULED));
      case DESTROY ->
          follower.write(editor -> editor.askForDestruction(key(step), "rotation.destroy-after"));
      case NONE -> {}
    }
    return true;
  }

  private static boolean isEndOfUse(NextStep.Action action) {
    return switch (action) {
      case DISABLE, SCHEDULE_DESTROY, DESTROY -> true;
      case PROMOTE, ADD_SPARE, NONE -> false;
    };
  }

  private void rotate(Consumer<KeysetEditor> promotion) {
    try {
      follower.write(promotion);
    } catch (WriteConflictException ex) {
      throw ex; // another instance was first, perhaps with just that
    } catch (LatchkeyException ex) {
      journal.rotationFailed();
      throw ex;
    }
  }

  private static long key(NextStep step) {
    return Objects.requireNonNull(step.key());
  }

  /**
   * Does what a person asks for.
   *
   * @see Rotator#perform(KeyAction, Long, boolean, String)
   */
  Optional<String> perform(KeyAction action, @Nullable Long key, boolean force, String by) {
    requireOwned(action);
    if (action == KeyAction.RESTORE) {
      Optional<String> note = restorer.restore(force);
      tryToPublish();
      return note;
    }
    follower.followProved();
    tryToPublish();
    long active = inUse.metadata().active().id();
    for (int attempt = 1; ; attempt++) {
      Instant storeNow = inUse.held().reading().readAt();
      PlannedChange change =
          new ActionPlanner(definition, publication.metadata(storeNow), storeNow, censuses::under)
              .plan(action, key, force);
      RotationRefusedException objection = change.objection();
      if (objection != null && !(force && change.overridable())) {
        throw objection;
      }
      try {
        switch (action) {
          case DESTROY -> destroyer.destroy(Objects.requireNonNull(key), by, force);
          case ROTATE -> rotate(change.edit());
          default -> follower.write(change.edit());
        }
        if (action != KeyAction.DESTROY) { // that tells by itself how far it came
          journal.performed(action, key);
        }
        tryToPublish();
        return Optional.ofNullable(objection).map(LatchkeyException::getMessage);
      } catch (WriteConflictException ex) {
        if (attempt == ATTEMPTS) {
          throw ex;
        }
        follower.followProved();
        if (action == KeyAction.ROTATE && inUse.metadata().active().id() != active) {
          return Optional.empty(); // another instance did what was asked for
        }
      }
    }
  }

  private void requireOwned(KeyAction action) {
    if (!definition.access().owns()) {
      throw new RotationRefusedException(
          "Keyset %s belongs to %s: this application only reads it"
              .formatted(definition.id().name(), definition.id().owner()),
          "Ask %s to %s: its instances have the endpoint for that."
              .formatted(definition.id().owner(), action.text()),
          null);
    }
  }

  /** What a person asked for must not fail for the public half: the next refresh publishes it. */
  private void tryToPublish() {
    try {
      publication.follow();
    } catch (LatchkeyException ex) {
      journal.failed(ex);
    }
  }
}
