package dev.latchkey.rotation;

import dev.latchkey.keyset.KeyMetadata;
import dev.latchkey.keyset.KeysetMetadata;
import dev.latchkey.rotation.NextStep.Action;
import java.time.Instant;
import java.util.Optional;

/**
 * Decides what happens to a keyset next. Pure: the same policy, keys and time give the same step,
 * on every instance.
 *
 * @since 0.1
 */
public final class RotationPlanner {

  private RotationPlanner() {}

  /**
   * The next step.
   *
   * @param metadata the keys, with every time completed
   * @param storeNow the store's clock, never the instance's own
   */
  public static NextStep next(RotationPolicy policy, KeysetMetadata metadata, Instant storeNow) {
    Optional<KeyMetadata> spare = metadata.spare();
    if (spare.isEmpty()) {
      return new NextStep(Action.ADD_SPARE, null, storeNow, null);
    }
    if (policy.period() == null) {
      return new NextStep(Action.NONE, null, null, null);
    }
    Instant due = require(metadata.active().since()).plus(policy.period());
    Instant promotable = require(spare.get().promotableFrom());
    String blockedBy =
        (!storeNow.isBefore(due) && storeNow.isBefore(promotable)) ? waiting(spare.get()) : null;
    return new NextStep(
        Action.PROMOTE, spare.get().id(), due.isBefore(promotable) ? promotable : due, blockedBy);
  }

  /**
   * The promotion rule: a spare may be promoted once it has been published for its propagation,
   * both times by the store's clock.
   */
  public static boolean mayPromote(KeyMetadata spare, Instant storeNow) {
    return !storeNow.isBefore(require(spare.promotableFrom()));
  }

  static String waiting(KeyMetadata spare) {
    return "key %d was published at %s and must be known for %s before it is used"
        .formatted(spare.id(), spare.publishedAt(), spare.propagation());
  }

  private static Instant require(java.time.@org.jspecify.annotations.Nullable Instant time) {
    if (time == null) {
      throw new IllegalArgumentException("A time of the keyset is not completed");
    }
    return time;
  }
}
