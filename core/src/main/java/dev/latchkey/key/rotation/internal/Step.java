package dev.latchkey.key.rotation.internal;

import dev.latchkey.key.internal.KeysetEditor;
import dev.latchkey.key.rotation.KeysetStatus.NextStep;
import java.time.Instant;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A change of a keyset, whether due automatically or requested.
 *
 * @param action what it is called if it can be due automatically; {@code NONE} otherwise
 * @param key the id of the key that it concerns, or null
 * @param at when it is due, by the store's clock; null if it is never due
 * @param block what prevents it, or null
 * @param change what it does to the keyset
 */
record Step(
    NextStep.Action action,
    @Nullable Long key,
    @Nullable Instant at,
    @Nullable Block block,
    Consumer<KeysetEditor> change) {

  /** Nothing happens until an operator requests it. */
  static final Step NONE = new Step(NextStep.Action.NONE, null, null, null, editor -> {});

  /** A change that an operator requests and nothing prevents. */
  static Step requested(Consumer<KeysetEditor> change) {
    return new Step(NextStep.Action.NONE, null, null, null, change);
  }

  /** A request that nothing makes possible. */
  static Step refused(Block block) {
    return requested(editor -> {}).blocked(block);
  }

  Step blocked(Block by) {
    return new Step(action, key, at, by, change);
  }

  /** Whether to perform it now. */
  boolean isDue(Instant storeNow) {
    return shown().isDue(storeNow);
  }

  /** Whether its key can do less afterwards, so that what it still protects must be counted. */
  boolean endsUse() {
    return switch (action) {
      case DISABLE, SCHEDULE_DESTROY, DESTROY -> true;
      case PROMOTE, ADD_SPARE, CORRECT_TIMES, NONE -> false;
    };
  }

  boolean promotes() {
    return action == NextStep.Action.PROMOTE;
  }

  /** As the status shows it. */
  NextStep shown() {
    return new NextStep(action, key, at, block == null ? null : block.reason());
  }

  /**
   * What prevents a step.
   *
   * @param fix what an operator can do
   * @param until when it ends, by the store's clock; null if it does not
   * @param overridable whether force overrides it: no data can be lost
   */
  record Block(String reason, String fix, @Nullable Instant until, boolean overridable) {

    /** A block that only a change of the keyset removes. */
    Block(String reason, String fix) {
      this(reason, fix, null, false);
    }
  }
}
