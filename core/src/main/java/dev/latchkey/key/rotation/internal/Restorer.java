package dev.latchkey.key.rotation.internal;

import dev.latchkey.LatchkeyException;
import dev.latchkey.WriteConflictException;
import dev.latchkey.key.KeyMetadata;
import dev.latchkey.key.KeysetMetadata;
import dev.latchkey.key.document.internal.KeysetRepository.StoredState;
import dev.latchkey.key.internal.KeysetEditor;
import dev.latchkey.key.internal.KeysetSnapshot;
import dev.latchkey.key.rotation.KeyAction;
import dev.latchkey.key.rotation.RotationRefusedException;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Writes one keyset from the memory of this instance into a store that was restored from a backup,
 * merged with what that holds: no key is lost, and no destroyed or compromised key comes back.
 */
final class Restorer {

  /** How often it is tried if other instances write at the same time. */
  private static final int ATTEMPTS = 5;

  private final FollowedKeyset keyset;

  Restorer(FollowedKeyset keyset) {
    this.keyset = keyset;
  }

  /**
   * Restores the keyset.
   *
   * @param force whether to restore even if what the store holds does not open: keys that only the
   *     store knows are lost then
   * @return what an operator should know about it, if anything
   * @throws RotationRefusedException if there is nothing to restore
   * @throws WriteConflictException if other instances keep writing at the same time
   * @throws dev.latchkey.StoreUnavailableException if the store does not respond, or its response
   *     is not proved to be its newest
   */
  Optional<String> restore(boolean force) {
    for (int attempt = 1; ; attempt++) {
      try {
        Optional<String> note = writeUnion(force);
        keyset.events().performed(KeyAction.RESTORE, null);
        return note;
      } catch (WriteConflictException ex) {
        if (isFollowing()) {
          return Optional.empty(); // another instance did what was requested
        }
        if (attempt == ATTEMPTS) {
          throw ex;
        }
      }
    }
  }

  private boolean isFollowing() {
    try {
      keyset.followProved();
      return true;
    } catch (RotationRefusedException ex) {
      return false;
    }
  }

  private Optional<String> writeUnion(boolean force) {
    StoredState state = keyset.repository().storedState(keyset.definition().id()).orElse(null);
    if (state != null && !state.proved()) {
      throw keyset.notProved();
    }
    KeysetSnapshot held = keyset.held().snapshot();
    KeysetSnapshot stored = state == null ? null : state.opened();
    if (stored != null && keyset.mayFollow(stored)) {
      throw keyset.refused(
          new Step.Block(
              "the store holds generation %d, and nothing in memory is newer"
                  .formatted(stored.generation()),
              "There is nothing to restore: the next refresh follows the store."));
    }
    LatchkeyException unopened = state == null ? null : state.unopened();
    RotationRefusedException refusal = unopened == null ? null : doesNotOpen(unopened);
    if (refusal != null && !force) {
      throw refusal;
    }
    long generation = state == null ? 0 : state.generation();
    keyset.write(KeysetEditor.restore(held, stored, generation), generation);
    return note(refusal, held.metadata());
  }

  private RotationRefusedException doesNotOpen(LatchkeyException unopened) {
    return keyset.refused(
        new Step.Block(
            unopened.getMessage() + ": it may hold keys that are not in memory",
            "Give the store back the key-encryption key that opens it, or use \"force\": true to"
                + " overwrite it with what is in memory; keys that only the store knows are lost then."));
  }

  /** What was risked, and which destroyed keys may be stored again. */
  private Optional<String> note(@Nullable RotationRefusedException refusal, KeysetMetadata before) {
    String note =
        Stream.concat(
                Stream.ofNullable(refusal).map(LatchkeyException::getMessage),
                keyset.metadata().keys().stream()
                    .filter(KeyMetadata::destructionIsOpen)
                    .filter(key -> !before.find(key.id()).orElseThrow().destructionIsOpen())
                    .map(
                        key ->
                            "key %d was destroyed and must be erased from the store again"
                                .formatted(key.id())))
            .collect(Collectors.joining("; "));
    return note.isEmpty() ? Optional.empty() : Optional.of(note);
  }
}
