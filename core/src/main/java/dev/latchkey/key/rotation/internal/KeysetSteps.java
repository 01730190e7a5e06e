package dev.latchkey.key.rotation.internal;

import dev.latchkey.LatchkeyException;
import dev.latchkey.WriteConflictException;
import dev.latchkey.key.KeyUsage;
import dev.latchkey.key.rotation.KeyAction;
import dev.latchkey.key.rotation.RotationRefusedException;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Takes the steps of one keyset: those that are due, and those that an operator requests. */
final class KeysetSteps {

  /** How often one request is tried if other instances write at the same time. */
  private static final int ATTEMPTS = 5;

  /** How long after its last use a key is not disabled or scheduled without force. */
  private static final Duration RECENT_USE = Duration.ofHours(1);

  private final FollowedKeyset keyset;
  private final PublicHalfPublisher publicHalf;
  private final SharedUsage usage;
  private final References references;
  private final KeyDestroyer destroyer;
  private final Restorer restorer;

  KeysetSteps(
      FollowedKeyset keyset,
      PublicHalfPublisher publicHalf,
      SharedUsage usage,
      References references,
      KeyDestroyer destroyer) {
    this.keyset = keyset;
    this.publicHalf = publicHalf;
    this.usage = usage;
    this.references = references;
    this.destroyer = destroyer;
    this.restorer = new Restorer(keyset);
  }

  /** The step that is due next. */
  Step next(Instant storeNow) {
    return planner(storeNow)
        .next(usage.atLeast(keyset.metadata().active().id()), references.found());
  }

  private RotationPlanner planner(Instant storeNow) {
    return new RotationPlanner(
        keyset.definition(), publicHalf.metadata(storeNow), storeNow, keyset.trust());
  }

  /**
   * Takes the first step that is due and that no reference to its key prevents. A destruction is
   * only recorded as requested: it takes its own time, and nothing else waits for it.
   *
   * @return whether there was one
   */
  boolean takeDue(Instant storeNow) {
    for (int key = keyset.metadata().keys().size(); key > 0; key--) {
      Step step = next(storeNow);
      if (!step.isDue(storeNow)) {
        return false;
      }
      if (!step.endsUse() || references.to(Objects.requireNonNull(step.key())).isEmpty()) {
        take(step);
        return true;
      }
    }
    return false;
  }

  private void take(Step step) {
    try {
      keyset.write(step.change());
    } catch (WriteConflictException ex) {
      throw ex; // another instance was first, perhaps with the same step
    } catch (LatchkeyException ex) {
      if (step.promotes()) {
        keyset.events().rotationFailed();
      }
      throw ex;
    }
  }

  /**
   * Performs what an operator requests.
   *
   * @see Rotator#perform(KeyAction, Long, boolean, String)
   */
  Optional<String> perform(KeyAction action, @Nullable Long key, boolean force, String by) {
    requireOwned(action);
    Optional<String> note;
    if (action == KeyAction.RESTORE) {
      note = restorer.restore(force);
    } else {
      keyset.followProved();
      publishIfPossible();
      note = performOnNewest(action, key, force, by);
    }
    publishIfPossible();
    return note;
  }

  private Optional<String> performOnNewest(
      KeyAction action, @Nullable Long key, boolean force, String by) {
    long active = keyset.metadata().active().id();
    for (int attempt = 1; ; attempt++) {
      Step step =
          planner(keyset.held().reading().readAt())
              .requested(action, key, force, references::to, this::recentUse);
      Step.Block block = step.block();
      if (block != null && !(force && block.overridable())) {
        throw keyset.refused(block);
      }
      try {
        if (action == KeyAction.DESTROY) {
          destroyer.destroy(Objects.requireNonNull(key), by, force); // logs its own progress
        } else {
          take(step);
          keyset.events().performed(action, key);
        }
        return Optional.ofNullable(block).map(it -> keyset.refused(it).getMessage());
      } catch (WriteConflictException ex) {
        if (attempt == ATTEMPTS) {
          throw ex;
        }
        keyset.followProved();
        if (action == KeyAction.ROTATE && keyset.metadata().active().id() != active) {
          return Optional.empty(); // another instance did what was requested
        }
      }
    }
  }

  /**
   * What this instance decrypted or verified with a key, if it did so within the last hour. Where
   * references are counted and there are none, it may have been the re-encryption of the data.
   */
  private Optional<String> recentUse(long key) {
    if (references.areCounted()) {
      return Optional.empty();
    }
    Instant now = keyset.now();
    usage.counters().recordLastUses(now);
    KeyUsage used = usage.counters().usage().getOrDefault(key, KeyUsage.NONE);
    Instant last = used.lastProcessed();
    return last == null || last.isBefore(now.minus(RECENT_USE))
        ? Optional.empty()
        : Optional.of(
            "this instance has decrypted or verified %d times with key %d, the last time at about %s"
                .formatted(used.processedCount(), key, last));
  }

  private void requireOwned(KeyAction action) {
    KeysetDefinition definition = keyset.definition();
    if (!definition.access().owns()) {
      String owner = definition.id().owner();
      throw new RotationRefusedException(
          "Keyset %s belongs to %s: this application only reads it"
              .formatted(definition.id().name(), owner),
          "Request '%s' at the rotation endpoint of %s.".formatted(action.text(), owner),
          null);
    }
  }

  /** A request must not fail because of the public half: the next refresh publishes it. */
  private void publishIfPossible() {
    LatchkeyException failure = publicHalf.tryToFollow();
    if (failure != null) {
      keyset.events().failed(failure);
    }
  }
}
