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
import dev.latchkey.key.KeysetTemplate;
import dev.latchkey.key.internal.KeysetEditor;
import dev.latchkey.key.rotation.KeyAction;
import dev.latchkey.key.rotation.KeysetStatus.NextStep.Action;
import dev.latchkey.key.rotation.RotationPolicy;
import dev.latchkey.key.rotation.internal.Step.Block;
import java.time.Instant;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.LongFunction;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Decides what happens to a keyset next, and what a request does to it. Pure: the same definition,
 * keys and time give the same step on every instance.
 */
final class RotationPlanner {

  private final KeysetDefinition definition;
  private final RotationPolicy policy;
  private final KeysetMetadata metadata;
  private final Instant storeNow;
  private final ClockTrust trust;

  /**
   * @param metadata the keys, with every time completed
   * @param storeNow the store's clock, never the instance's own
   * @param trust whether that time may end the use of a key
   */
  RotationPlanner(
      KeysetDefinition definition, KeysetMetadata metadata, Instant storeNow, ClockTrust trust) {
    this.definition = definition;
    this.policy = definition.policy();
    this.metadata = metadata;
    this.storeNow = storeNow;
    this.trust = trust;
  }

  /**
   * The step that is due first. A promotion that is due precedes the end of another key, which may
   * fail for a long time.
   *
   * @param operations how often the active key has protected something
   * @param referenced ids of keys with which data is still encrypted: their life does not end
   */
  Step next(long operations, Set<Long> referenced) {
    if (!definition.access().owns()) {
      return Step.NONE;
    }
    if (trust.doubt() == null && metadata.keys().stream().anyMatch(this::isFromTheFuture)) {
      return new Step(
          Action.CORRECT_TIMES,
          null,
          storeNow,
          null,
          editor -> editor.correctTimes(time -> trust.isInFuture(time, storeNow), storeNow));
    }
    KeyMetadata spare = metadata.spare().orElse(null);
    if (spare == null) {
      return new Step(Action.ADD_SPARE, null, storeNow, null, this::addSpare);
    }
    Step promotion = promotion(spare, operations);
    if (promotion.isDue(storeNow)) {
      return promotion;
    }
    return metadata.keys().stream()
        .filter(key -> !referenced.contains(key.id()))
        .flatMap(key -> end(key).stream())
        .min(Comparator.comparing(end -> require(end.at())))
        .filter(end -> promotion.at() == null || require(end.at()).isBefore(promotion.at()))
        .orElse(promotion);
  }

  /**
   * A clock that was ahead for a while has left it: without a correction, it would never be due.
   */
  private boolean isFromTheFuture(KeyMetadata key) {
    return key.times().values().stream().anyMatch(time -> trust.isInFuture(time, storeNow));
  }

  private Step promotion(KeyMetadata spare, long operations) {
    KeyMetadata active = metadata.active();
    boolean outputsChange = KeysetTemplate.of(active.template()).family().outputsChange();
    if (active.compromised() && outputsChange) {
      return new Step(
          Action.NONE,
          spare.id(),
          null,
          new Block(
              "key %d is compromised, but its outputs change with the key: rotate with force when what relies on them is ready"
                  .formatted(active.id()),
              ""),
          editor -> {});
    }
    Instant due;
    if (active.compromised()) {
      due = require(active.times().get(COMPROMISED));
    } else if (policy.approachesLimit(operations) && !outputsChange) {
      due = storeNow;
    } else if (policy.period() != null) {
      due = require(active.since()).plus(policy.period());
    } else {
      return Step.NONE;
    }
    Instant promotable = promotableFrom(spare);
    return new Step(
        Action.PROMOTE,
        spare.id(),
        due.isBefore(promotable) ? promotable : due,
        storeNow.isBefore(due) ? null : tooEarly(spare, promotable),
        this::promote);
  }

  /**
   * The promotion rule: a spare may be promoted once it has been published for its propagation,
   * both times by the store's clock. If the active key is compromised, a shorter time is enough.
   */
  private Instant promotableFrom(KeyMetadata spare) {
    Instant promotable = require(spare.promotableFrom());
    if (!metadata.active().compromised()) {
      return promotable;
    }
    Instant sooner = require(spare.publishedAt()).plus(policy.emergencyPropagation());
    return sooner.isBefore(promotable) ? sooner : promotable;
  }

  private @Nullable Block tooEarly(KeyMetadata spare, Instant promotable) {
    return storeNow.isBefore(promotable)
        ? new Block(
            "key %d was published at %s and can be promoted from %s on, when every instance knows it"
                .formatted(spare.id(), spare.publishedAt(), promotable),
            "Wait, or use \"force\": true. An instance that has not read the keyset since %s then fails to process what other instances protect, until its next refresh."
                .formatted(spare.publishedAt()),
            promotable,
            true)
        : null;
  }

  private Optional<Step> end(KeyMetadata key) {
    if (key.state() == RETIRED && policy.decryptFor() != null) {
      Instant due = require(key.since()).plus(policy.decryptFor());
      return Optional.of(
          policy.destroyAfter() != null
              ? end(Action.SCHEDULE_DESTROY, key, due, bring(key, DESTROY_SCHEDULED))
              : end(Action.DISABLE, key, due, bring(key, DISABLED)));
    }
    if (key.state() == DESTROY_SCHEDULED
        && key.destruction() == null
        && policy.destroyAfter() != null) {
      return Optional.of(
          end(
              Action.DESTROY,
              key,
              require(key.since()).plus(policy.destroyAfter()),
              editor -> editor.askForDestruction(key.id(), "rotation.destroy-after")));
    }
    return Optional.empty();
  }

  private Step end(Action action, KeyMetadata key, Instant due, Consumer<KeysetEditor> change) {
    return new Step(action, key.id(), due, untrusted(), change);
  }

  private @Nullable Block untrusted() {
    String doubt = trust.doubt();
    return doubt == null
        ? null
        : new Block(
            doubt,
            "Correct the clocks (NTP). What ends the use of a key waits until they agree, or for 24"
                + " hours after one was set.");
  }

  /**
   * What a request does, and what prevents it.
   *
   * @param id the key that it concerns; null if the action needs none
   * @param force whether to override what can be overridden
   * @param references counts what is still encrypted with a key
   * @param recentUse what this instance recently did with a key, if anything
   */
  Step requested(
      KeyAction action,
      @Nullable Long id,
      boolean force,
      LongFunction<Optional<String>> references,
      LongFunction<Optional<String>> recentUse) {
    if (action == KeyAction.ROTATE) {
      return rotate();
    }
    if (id == null) {
      return compromise(metadata.keys(), force);
    }
    KeyMetadata key = metadata.find(id).orElse(null);
    if (key == null) {
      return Step.refused(
          new Block("there is no key %d".formatted(id), "Its keys: " + ids() + "."));
    }
    return switch (action) {
      case COMPROMISE -> compromise(List.of(key), force);
      case DISABLE -> unused(key, move(key, EnumSet.of(RETIRED), DISABLED), recentUse);
      case ENABLE -> move(key, EnumSet.of(DISABLED), RETIRED);
      case SCHEDULE_DESTROY -> unused(key, scheduleDestruction(key, references), recentUse);
      case CANCEL_DESTROY ->
          move(key, EnumSet.of(DESTROY_SCHEDULED), key.stateBeforeDestroyScheduled());
      case DESTROY -> destroy(key);
      case ROTATE, RESTORE -> throw new IllegalArgumentException(action + " concerns no key");
    };
  }

  private Step rotate() {
    KeyMetadata spare = metadata.spare().orElse(null);
    if (spare == null) {
      return Step.refused(
          new Block("there is no spare yet", "Wait for the next refresh, which adds one."));
    }
    Block block =
        definition.template().family().outputsChange()
            ? new Block(
                "outputs of %s change with the key: what was stored or indexed by them is no longer found"
                    .formatted(definition.template().name()),
                "Rotate with \"force\": true if nothing relies on equal outputs.",
                null,
                true)
            : tooEarly(spare, promotableFrom(spare));
    return new Step(Action.PROMOTE, spare.id(), storeNow, block, this::promote);
  }

  /**
   * Marks keys as compromised. The spare is replaced immediately: it was never used. The active key
   * stays in use until every instance knows the new spare; force promotes the spare immediately.
   */
  private Step compromise(List<KeyMetadata> keys, boolean force) {
    List<KeyMetadata> open =
        keys.stream().filter(key -> key.state() != DESTROYED && !key.compromised()).toList();
    if (open.isEmpty()) {
      return Step.refused(
          new Block("all named keys are already marked as compromised", "There is nothing to do."));
    }
    Consumer<KeysetEditor> mark = editor -> open.forEach(key -> mark(editor, key));
    if (!force || open.stream().noneMatch(key -> key.state() == ACTIVE)) {
      return Step.requested(mark);
    }
    return Step.requested(mark.andThen(this::promote))
        .blocked(
            new Block(
                "the new key was promoted before every instance knows it",
                "An instance that has not read the keyset since then fails to process what other instances protect, until its next refresh.",
                null,
                true));
  }

  private void mark(KeysetEditor editor, KeyMetadata key) {
    switch (key.state()) {
      case ACTIVE, DESTROY_SCHEDULED -> editor.markCompromised(key.id(), storeNow);
      case PENDING ->
          editor
              .bring(key.id(), COMPROMISED)
              .addSpare(definition.template(), policy.emergencyPropagation());
      default -> editor.bring(key.id(), COMPROMISED);
    }
  }

  private Step scheduleDestruction(KeyMetadata key, LongFunction<Optional<String>> references) {
    Step step = move(key, EnumSet.of(RETIRED, DISABLED, COMPROMISED), DESTROY_SCHEDULED);
    return step.block() != null
        ? step
        : references
            .apply(key.id())
            .map(
                found ->
                    step.blocked(
                        new Block(
                            found,
                            "Re-encrypt that data first, or use \"force\": true. It then cannot be decrypted until the destruction is canceled.",
                            null,
                            true)))
            .orElse(step);
  }

  private static Step unused(KeyMetadata key, Step step, LongFunction<Optional<String>> recentUse) {
    return step.block() != null
        ? step
        : recentUse
            .apply(key.id())
            .map(
                use ->
                    step.blocked(
                        new Block(
                            use,
                            "Find out what still needs the key and re-encrypt or replace that, or use \"force\": true. It then fails until the key is enabled again.",
                            null,
                            true)))
            .orElse(step);
  }

  /** Allowed once the waiting time is over. {@link KeyDestroyer} makes the change. */
  private Step destroy(KeyMetadata key) {
    KeyDestruction destruction = key.destruction();
    if (destruction != null && destruction.receipt() != null) {
      return Step.refused(
          new Block(
              "key %d was destroyed, verified at %s"
                  .formatted(key.id(), destruction.receipt().verifiedAt()),
              "There is nothing to do: the endpoint shows the receipt."));
    }
    if (key.state() == DESTROYED) {
      return Step.requested(editor -> {});
    }
    if (key.state() != DESTROY_SCHEDULED) {
      return Step.refused(
          new Block(
              "key %d is %s, not scheduled for destruction".formatted(key.id(), key.state()),
              key.state() == ACTIVE || key.state() == PENDING
                  ? advice(key.state(), Set.of())
                  : "Schedule it with \"schedule-destroy\". It can be destroyed %s later."
                      .formatted(policy.destructionWait())));
    }
    Block untrusted = untrusted();
    if (untrusted != null) {
      return Step.refused(untrusted);
    }
    Instant from = require(key.since()).plus(policy.destructionWait());
    return storeNow.isBefore(from)
        ? Step.refused(
            new Block(
                "key %d has been scheduled for destruction since %s and can be destroyed from %s on"
                    .formatted(key.id(), key.since(), from),
                "Wait. Until then \"cancel-destroy\" cancels the destruction.",
                from,
                false))
        : Step.requested(editor -> {});
  }

  private Step move(KeyMetadata key, Set<KeyState> from, KeyState to) {
    return from.contains(key.state())
        ? Step.requested(bring(key, to))
        : Step.refused(
            new Block("key %d is %s".formatted(key.id(), key.state()), advice(key.state(), from)));
  }

  private static String advice(KeyState state, Set<KeyState> from) {
    return switch (state) {
      case ACTIVE -> "It is the key in use: rotate first.";
      case PENDING ->
          "It is the spare, which every keyset needs: mark it as compromised to replace it.";
      case DESTROYED -> "Its bytes are gone.";
      default ->
          "This action requires a key that is %s."
              .formatted(from.stream().map(KeyState::name).collect(Collectors.joining(" or ")));
    };
  }

  private static Consumer<KeysetEditor> bring(KeyMetadata key, KeyState to) {
    return editor -> editor.bring(key.id(), to);
  }

  private void promote(KeysetEditor editor) {
    addSpare(editor.promoteSpare());
  }

  private void addSpare(KeysetEditor editor) {
    editor.addSpare(definition.template(), policy.propagation());
  }

  private String ids() {
    return metadata.keys().stream()
        .map(key -> Long.toString(key.id()))
        .collect(Collectors.joining(", "));
  }

  private static Instant require(@Nullable Instant time) {
    if (time == null) {
      throw new IllegalArgumentException("A time of the keyset is not completed");
    }
    return time;
  }
}
