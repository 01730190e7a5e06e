package dev.latchkey.key.rotation.internal;

import static dev.latchkey.key.KeyState.ACTIVE;
import static dev.latchkey.key.KeyState.COMPROMISED;
import static dev.latchkey.key.KeyState.DESTROYED;
import static dev.latchkey.key.KeyState.DESTROY_SCHEDULED;
import static dev.latchkey.key.KeyState.DISABLED;
import static dev.latchkey.key.KeyState.PENDING;
import static dev.latchkey.key.KeyState.RETIRED;

import dev.latchkey.key.KeyDestruction;
import dev.latchkey.key.KeyMetadata;
import dev.latchkey.key.KeyState;
import dev.latchkey.key.KeysetMetadata;
import dev.latchkey.key.internal.KeysetEditor;
import dev.latchkey.key.rotation.KeyAction;
import dev.latchkey.key.rotation.RotationRefusedException;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Decides what an action does to a keyset, and what stands against it. Pure, as the {@link
 * RotationPlanner}.
 */
final class ActionPlanner {

  private final KeysetDefinition definition;
  private final KeysetMetadata metadata;
  private final Instant storeNow;
  private final LongFunction<Optional<String>> stillUnder;

  /**
   * @param stillUnder tells what is still under a key
   */
  ActionPlanner(
      KeysetDefinition definition,
      KeysetMetadata metadata,
      Instant storeNow,
      LongFunction<Optional<String>> stillUnder) {
    this.definition = definition;
    this.metadata = metadata;
    this.storeNow = storeNow;
    this.stillUnder = stillUnder;
  }

  /**
   * @param id the key that it concerns; null where the action needs none
   * @param force whether it is to happen although something stands against it
   */
  PlannedChange plan(KeyAction action, @Nullable Long id, boolean force) {
    if (action == KeyAction.ROTATE) {
      return rotate();
    }
    if (id == null) {
      return compromise(metadata.keys(), force);
    }
    KeyMetadata key = metadata.find(id).orElse(null);
    if (key == null) {
      return refused("has no key %d".formatted(id), "Keys are: " + ids() + ".", null);
    }
    return switch (action) {
      case ROTATE -> rotate();
      case COMPROMISE -> compromise(List.of(key), force);
      case DISABLE -> bring(key, DISABLED, EnumSet.of(RETIRED));
      case ENABLE -> bring(key, RETIRED, EnumSet.of(DISABLED));
      case SCHEDULE_DESTROY -> scheduleDestruction(key);
      case CANCEL_DESTROY ->
          bring(key, key.stateBeforeDestroyScheduled(), EnumSet.of(DESTROY_SCHEDULED));
      case DESTROY -> destroy(key);
      case RESTORE -> throw new IllegalArgumentException("restores all keys");
    };
  }

  private PlannedChange scheduleDestruction(KeyMetadata key) {
    PlannedChange change =
        bring(key, DESTROY_SCHEDULED, EnumSet.of(RETIRED, DISABLED, COMPROMISED));
    Optional<String> needed =
        change.objection() == null ? stillUnder.apply(key.id()) : Optional.empty();
    return needed
        .map(
            what ->
                change.unlessForced(
                    refusal(
                        what,
                        "Encrypt that again first, or use \"force\": true: then it cannot be read until the destruction is cancelled.",
                        null)))
        .orElse(change);
  }

  /** Allowed from the end of the waiting time on; the change is made in steps by others. */
  private PlannedChange destroy(KeyMetadata key) {
    KeyDestruction destruction = key.destruction();
    if (destruction != null && destruction.receipt() != null) {
      return refused(
          "key %d was destroyed, as verified at %s"
              .formatted(key.id(), destruction.receipt().verifiedAt()),
          "Nothing is left to do: the endpoint shows the receipt.",
          null);
    }
    if (key.state() == DESTROYED) {
      return PlannedChange.allowed(editor -> {});
    }
    if (key.state() != DESTROY_SCHEDULED) {
      return refused(
          "key %d is %s, not scheduled for its destruction".formatted(key.id(), key.state()),
          key.state() == ACTIVE || key.state() == PENDING
              ? advice(key.state(), Set.of())
              : "Schedule it with \"schedule-destroy\"; it can be destroyed %s later."
                  .formatted(definition.policy().destructionWait()),
          null);
    }
    Instant from = Objects.requireNonNull(key.since()).plus(definition.policy().destructionWait());
    if (storeNow.isBefore(from)) {
      return refused(
          "key %d is scheduled for its destruction since %s, which can begin at %s"
              .formatted(key.id(), key.since(), from),
          "Wait: until then it can be taken back with \"cancel-destroy\".",
          from);
    }
    return PlannedChange.allowed(editor -> {});
  }

  private PlannedChange rotate() {
    KeyMetadata spare = metadata.spare().orElse(null);
    if (spare == null) {
      return refused("has no spare yet", "Wait for the next refresh, which adds one.", null);
    }
    PlannedChange promote =
        PlannedChange.allowed(
            editor ->
                editor
                    .promoteSpare()
                    .addSpare(definition.template(), definition.policy().propagation()));
    if (definition.template().family().outputsChange()) {
      return promote.unlessForced(
          refusal(
              "is %s: its outputs change with the key, so that what was stored or indexed by them is no longer found"
                  .formatted(definition.template().name()),
              "Rotate with \"force\": true if nothing relies on equal outputs.",
              null));
    }
    Instant promotable = RotationPlanner.promotableFrom(definition.policy(), metadata);
    if (storeNow.isBefore(promotable)) {
      return promote.unlessForced(tooYoung(spare, promotable));
    }
    return promote;
  }

  private RotationRefusedException tooYoung(KeyMetadata spare, Instant promotable) {
    return refusal(
        RotationPlanner.waiting(spare, promotable),
        "Wait, or use \"force\": true; an instance that has not read the keyset since %s then fails on what others protect, until its next refresh."
            .formatted(spare.publishedAt()),
        promotable);
  }

  /**
   * Marks keys as known to others. The spare is replaced at once: it was never used. The active key
   * stays in use until the new spare is known everywhere, for an instance cannot do without one;
   * force promotes at once.
   */
  private PlannedChange compromise(List<KeyMetadata> keys, boolean force) {
    List<KeyMetadata> open =
        keys.stream().filter(key -> key.state() != DESTROYED && !key.compromised()).toList();
    if (open.isEmpty()) {
      return refused("what was named is marked already", "Nothing is left to do.", null);
    }
    PlannedChange mark = PlannedChange.allowed(editor -> open.forEach(key -> mark(editor, key)));
    boolean usedNow = open.stream().anyMatch(key -> key.state() == ACTIVE);
    if (!force || !usedNow) {
      return mark;
    }
    return PlannedChange.allowed(
            mark.edit()
                .andThen(KeysetEditor::promoteSpare)
                .andThen(
                    editor ->
                        editor.addSpare(definition.template(), definition.policy().propagation())))
        .unlessForced(
            refusal(
                "the new key was promoted before every instance knows it",
                "An instance that has not read the keyset since fails on what others protect, until its next refresh.",
                null));
  }

  private void mark(KeysetEditor editor, KeyMetadata key) {
    switch (key.state()) {
      case ACTIVE, DESTROY_SCHEDULED -> editor.markCompromised(key.id(), storeNow);
      case PENDING ->
          editor
              .bring(key.id(), COMPROMISED)
              .addSpare(definition.template(), definition.policy().emergencyPropagation());
      default -> editor.bring(key.id(), COMPROMISED);
    }
  }

  private PlannedChange bring(KeyMetadata key, KeyState target, Set<KeyState> from) {
    if (!from.contains(key.state())) {
      return refused(
          "key %d is %s".formatted(key.id(), key.state()), advice(key.state(), from), null);
    }
    return PlannedChange.allowed(editor -> editor.bring(key.id(), target));
  }

  private static String advice(KeyState state, Set<KeyState> from) {
    return switch (state) {
      case ACTIVE -> "It is the key in use: rotate first.";
      case PENDING ->
          "It is the spare, which every keyset needs: mark it as compromised to have it replaced.";
      case DESTROYED -> "Its bytes are gone for good.";
      default -> "This can be done to a key that is %s.".formatted(join(from));
    };
  }

  private static String join(Set<KeyState> states) {
    return String.join(" or ", states.stream().map(KeyState::name).toList());
  }

  private String ids() {
    return String.join(", ", metadata.keys().stream().map(key -> Long.toString(key.id())).toList());
  }

  private PlannedChange refused(String what, String advice, @Nullable Instant allowedFrom) {
    return PlannedChange.refused(refusal(what, advice, allowedFrom));
  }

  private RotationRefusedException refusal(
      String what, String advice, @Nullable Instant allowedFrom) {
    return new RotationRefusedException(
        "Keyset %s: %s".formatted(definition.id().name(), what), advice, allowedFrom);
  }
}
