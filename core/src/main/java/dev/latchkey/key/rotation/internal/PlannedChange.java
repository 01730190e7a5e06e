package dev.latchkey.key.rotation.internal;

import dev.latchkey.key.internal.KeysetEditor;
import dev.latchkey.key.rotation.RotationRefusedException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What an action would do to a keyset.
 *
 * @param edit the change
 * @param objection what stands against it now, or null
 * @param overridable whether the objection gives way to force: no data can be lost
 */
record PlannedChange(
    Consumer<KeysetEditor> edit,
    @Nullable RotationRefusedException objection,
    boolean overridable) {

  static PlannedChange allowed(Consumer<KeysetEditor> edit) {
    return new PlannedChange(edit, null, true);
  }

  static PlannedChange refused(RotationRefusedException objection) {
    return new PlannedChange(editor -> {}, objection, false);
  }

  PlannedChange unlessForced(RotationRefusedException objection) {
    return new PlannedChange(edit, objection, true);
  }
}
