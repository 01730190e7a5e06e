package dev.latchkey.key.rotation.internal;

import dev.latchkey.LatchkeyException;
import dev.latchkey.WriteConflictException;
import dev.latchkey.key.KeyMetadata;
import dev.latchkey.key.KeysetMetadata;
import dev.latchkey.key.document.internal.KeysetRepository;
import dev.latchkey.key.document.internal.KeysetRepository.Standing;
import dev.latchkey.key.internal.KeysetEditor;
import dev.latchkey.key.internal.KeysetSnapshot;
import dev.latchkey.key.rotation.KeyAction;
import dev.latchkey.key.rotation.RotationRefusedException;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Writes one keyset from the memory of this instance into a store that went back, together with
 * what that holds: no key is lost, and none that is destroyed or compromised comes back to life.
 */
final class Restorer {

  /** How often a lost check-and-set is followed by another try. */
  private static final int ATTEMPTS = 5;

  private final KeysetDefinition definition;
  private final KeysetRepository repository;
  private final KeysetFollower follower;
  private final KeysetInUse inUse;
  private final Journal journal;

  Restorer(
      KeysetDefinition definition,
      KeysetRepository repository,
      KeysetFollower follower,
      KeysetInUse inUse,
      Journal journal) {
    this.definition = definition;
    this.repository = repository;
    this.follower = follower;
    this.inUse = inUse;
    this.journal = journal;
  }

  /**
   * Restores.
   *
   * @param force also where what the store holds does not open: what only it knows is lost then
   * @return what is to be known of it, if anything
   * @throws RotationRefusedException if there is nothing to restore
   * @throws WriteConflictException if other instances wrote meanwhile again and again
   * @throws dev.latchkey.StoreUnavailableException if the store gives no answer, or none that is
   *     proved to be its newest
   */
  Optional<String> restore(boolean force) {
    for (int attempt = 1; ; attempt++) {
      try {
        Optional<String> note = writeUnion(force);
        journal.performed(KeyAction.RESTORE, null);
        return note;
      } catch (WriteConflictException ex) {
        if (isFollowing()) {
          return Optional.empty(); // another instance did what was asked for
        }
        if (attempt == ATTEMPTS) {
          throw ex;
        }
      }
    }
  }

  private boolean isFollowing() {
    try {
      follower.followProved();
      return true;
    } catch (RotationRefusedException ex) {
      return false;
    }
  }

  private Optional<String> writeUnion(boolean force) {
    Standing standing = repository.standing(definition.id()).orElse(null);
    if (standing != null && !standing.proved()) {
      throw follower.notProved();
    }
    KeysetSnapshot held = inUse.held().snapshot();
    KeysetSnapshot stored = standing == null ? null : standing.opened();
    if (stored != null && inUse.mayFollow(stored)) {
      throw refused(
          "the store holds generation %d, and nothing is newer in memory"
              .formatted(stored.generation()),
          "There is nothing to restore: the next refresh follows the store.");
    }
    RotationRefusedException unopened = standing == null ? null : unopened(standing);
    if (unopened != null && !force) {
      throw unopened;
    }
    long generation = standing == null ? 0 : standing.generation();
    follower.restore(KeysetEditor.restore(held, stored, generation), generation);
    return note(unopened, held.metadata());
  }

  private @Nullable RotationRefusedException unopened(Standing standing) {
    LatchkeyException why = standing.unopened();
    return why == null
        ? null
        : refused(
            why.getMessage() + ": whether it holds keys that are not in memory cannot be told",
            "Give the store back the key-encryption key that opens it, or use \"force\": true to"
                + " write what is in memory over it; keys that only the store knows are lost then.");
  }

  /** What was risked, and that keys which were destroyed may lie in the store again. */
  private Optional<String> note(
      @Nullable RotationRefusedException unopened, KeysetMetadata before) {
    List<String> back =
        inUse.metadata().keys().stream()
            .filter(KeyMetadata::destructionIsOpen)
            .filter(key -> !before.find(key.id()).orElseThrow().destructionIsOpen())
            .map(
                key ->
                    "key %d was destroyed, and has to be erased from the store again"
                        .formatted(key.id()))
            .toList();
    String note =
        String.join(
            "; ",
            Stream.concat(
                    Stream.ofNullable(unopened).map(LatchkeyException::getMessage), back.stream())
                .toList());
    return note.isEmpty() ? Optional.empty() : Optional.of(note);
  }

  private RotationRefusedException refused(String what, String advice) {
    return new RotationRefusedException(
        "Keyset %s: %s".formatted(definition.id().name(), what), advice, null);
  }
}
