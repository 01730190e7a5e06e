package dev.latchkey.key.rotation.internal;

import dev.latchkey.key.KeyMetadata;
import dev.latchkey.key.KeyState;
import dev.latchkey.key.KeysetMetadata;
import dev.latchkey.key.KeysetTemplate;
import dev.latchkey.key.rotation.NextStep;
import dev.latchkey.key.rotation.NextStep.Action;
import dev.latchkey.key.rotation.RotationPolicy;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Decides what happens to a keyset next. Pure: the same policy, keys and time give the same step,
 * on every instance.
 *
 * @since 0.1
 */
public final class RotationPlanner {

  private RotationPlanner() {}

  /** The next step of a keyset as the application wants it: none where another one owns it. */
  static NextStep next(
      KeysetDefinition definition,
      KeysetMetadata metadata,
      Instant storeNow,
      long operations,
      Set<Long> needed) {
    return definition.access().owns()
        ? next(definition.policy(), metadata, storeNow, operations, needed)
        : new NextStep(Action.NONE, null, null, null);
  }

  /**
   * The next step.
   *
   * @param metadata the keys, with every time completed
   * @param storeNow the store's clock, never the instance's own
   * @param operations how often the active key has protected something
   */
  public static NextStep next(
      RotationPolicy policy, KeysetMetadata metadata, Instant storeNow, long operations) {
    return next(policy, metadata, storeNow, operations, Set.of());
  }

  /**
   * The next step. A promotion that is due comes first, since no rotation waits for the end of
   * another key, which may not succeed for long.
   *
   * @param metadata the keys, with every time completed
   * @param storeNow the store's clock, never the instance's own
   * @param operations how often the active key has protected something
   * @param needed ids of keys under which something is still: their life does not end
   */
  public static NextStep next(
      RotationPolicy policy,
      KeysetMetadata metadata,
      Instant storeNow,
      long operations,
      Set<Long> needed) {
    Optional<KeyMetadata> spare = metadata.spare();
    if (spare.isEmpty()) {
      return new NextStep(Action.ADD_SPARE, null, storeNow, null);
    }
    NextStep promotion = promotion(policy, metadata, spare.get(), storeNow, operations);
    if (promotion.isDue(storeNow)) {
      return promotion;
    }
    return end(policy, metadata, needed)
        .filter(end -> promotion.at() == null || require(end.at()).isBefore(promotion.at()))
        .orElse(promotion);
  }

  /** The step that is due first of those which bring a key nearer to its end. */
  private static Optional<NextStep> end(
      RotationPolicy policy, KeysetMetadata metadata, Set<Long> needed) {
    return metadata.keys().stream()
        .filter(key -> !needed.contains(key.id()))
        .flatMap(key -> end(policy, key).stream())
        .min(Comparator.comparing(step -> require(step.at())));
  }

  private static Optional<NextStep> end(RotationPolicy policy, KeyMetadata key) {
    Duration decryptFor = policy.decryptFor();
    Duration destroyAfter = policy.destroyAfter();
    if (key.state() == KeyState.RETIRED && decryptFor != null) {
      Action action = destroyAfter != null ? Action.SCHEDULE_DESTROY : Action.DISABLE;
      return Optional.of(
          new NextStep(action, key.id(), require(key.since()).plus(decryptFor), null));
    }
    if (key.state() == KeyState.DESTROY_SCHEDULED
        && key.destruction() == null
        && destroyAfter != null) {
      return Optional.of(
          new NextStep(Action.DESTROY, key.id(), require(key.since()).plus(destroyAfter), null));
    }
    return Optional.empty();
  }

  private static NextStep promotion(
      RotationPolicy policy,
      KeysetMetadata metadata,
      KeyMetadata spare,
      Instant storeNow,
      long operations) {
    KeyMetadata active = metadata.active();
    if (active.compromised() && outputsChange(active)) {
      return new NextStep(
          Action.NONE,
          spare.id(),
          null,
          "key %d is compromised, but its outputs change with the key: rotate by force when what relies on them is ready"
              .formatted(active.id()));
    }
    Instant promotable = promotableFrom(policy, metadata);
    Instant due;
    if (active.compromised()) {
      due = require(active.times().get(KeyState.COMPROMISED));
    } else if (policy.isWorn(operations) && !outputsChange(active)) {
      due = storeNow;
    } else if (policy.period() != null) {
      due = require(active.since()).plus(policy.period());
    } else {
      return new NextStep(Action.NONE, null, null, null);
    }
    boolean waits = !storeNow.isBefore(due) && storeNow.isBefore(promotable);
    return new NextStep(
        Action.PROMOTE,
        spare.id(),
        due.isBefore(promotable) ? promotable : due,
        waits ? waiting(spare, promotable) : null);
  }

  /**
   * The promotion rule: a spare may be promoted once it has been published for its propagation,
   * both times by the store's clock. In an emergency, when the active key is compromised, a shorter
   * time is enough.
   */
  static Instant promotableFrom(RotationPolicy policy, KeysetMetadata metadata) {
    KeyMetadata spare = metadata.spare().orElseThrow();
    Instant promotable = require(spare.promotableFrom());
    if (!metadata.active().compromised()) {
      return promotable;
    }
    Instant sooner = require(spare.publishedAt()).plus(policy.emergencyPropagation());
    return sooner.isBefore(promotable) ? sooner : promotable;
  }

  private static boolean outputsChange(KeyMetadata key) {
    return KeysetTemplate.of(key.template()).family().outputsChange();
  }

  static String waiting(KeyMetadata spare, Instant promotable) {
    return "key %d was published at %s and may be used from %s on, when every instance knows it"
        .formatted(spare.id(), spare.publishedAt(), promotable);
  }

  private static Instant require(@Nullable Instant time) {
    if (time == null) {
      throw new IllegalArgumentException("A time of the keyset is not completed");
    }
    return time;
  }
}
