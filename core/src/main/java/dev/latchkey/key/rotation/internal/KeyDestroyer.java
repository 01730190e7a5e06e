package dev.latchkey.key.rotation.internal;

import dev.latchkey.LatchkeyException;
import dev.latchkey.WriteConflictException;
import dev.latchkey.key.KeyDestruction;
import dev.latchkey.key.KeyDestruction.Fence;
import dev.latchkey.key.KeyDestruction.Receipt;
import dev.latchkey.key.KeyMetadata;
import dev.latchkey.key.KeyState;
import dev.latchkey.key.document.KeysetErasure.Erased;
import dev.latchkey.key.document.OperatorNeededException;
import dev.latchkey.key.document.internal.KeysetRepository;
import dev.latchkey.key.rotation.OpenDestruction;
import dev.latchkey.key.rotation.RotationRefusedException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Destroys keys of one keyset, in steps that the document and the store tell apart: a fence between
 * the generations with the key and those without, the document without the key, the erasure of
 * everything before the fence, the receipt. Whoever comes after a crash, here or on another
 * instance, goes on where the last one stopped.
 */
final class KeyDestroyer {

  /** How often an instance looks by itself whether an operator has done what was asked for. */
  static final Duration INTERVAL = Duration.ofMinutes(10);

  private final KeysetDefinition definition;
  private final KeysetRepository repository;
  private final KeysetFollower follower;
  private final KeysetInUse inUse;
  private final Journal journal;
  private final Censuses censuses;
  private final Map<Long, OpenDestruction> open = new ConcurrentHashMap<>();
  private @Nullable Instant lookedAt;

  KeyDestroyer(
      KeysetDefinition definition,
      KeysetRepository repository,
      KeysetFollower follower,
      KeysetInUse inUse,
      Journal journal,
      Censuses censuses) {
    this.definition = definition;
    this.repository = repository;
    this.follower = follower;
    this.inUse = inUse;
    this.journal = journal;
    this.censuses = censuses;
  }

  /** What the destruction of each key waits for, as far as this instance has tried. */
  Map<Long, OpenDestruction> open() {
    return Map.copyOf(open);
  }

  /**
   * Goes as far as it can with the destruction of a key that may be destroyed.
   *
   * @param by who asked for it
   * @param onTrust whether what the application may not look at is taken for done
   * @throws RotationRefusedException if something is still under the key
   * @throws WriteConflictException if another instance wrote meanwhile
   * @throws dev.latchkey.StoreUnavailableException if the store gives no answer
   */
  void destroy(long key, String by, boolean onTrust) {
    try {
      erase(key, by, onTrust);
      open.remove(key);
    } catch (OperatorNeededException ex) {
      waitFor(key, new OpenDestruction(text(ex), ex.action(), ex.commands()));
      if (key(key).destruction() == null) {
        follower.write(editor -> editor.askForDestruction(key, by));
      }
    } catch (WriteConflictException ex) {
      throw ex;
    } catch (LatchkeyException ex) {
      waitFor(key, new OpenDestruction(text(ex), ex.action(), List.of()));
      throw ex;
    }
  }

  private void waitFor(long key, OpenDestruction what) {
    if (!what.equals(open.put(key, what))) {
      journal.destructionWaits(key, what);
    }
  }

  /** Goes on with what was begun, if it is time to look. Fails for none because of another. */
  void goOn(Instant now) {
    List<KeyMetadata> begun =
        inUse.metadata().keys().stream().filter(KeyMetadata::destructionIsOpen).toList();
    open.keySet().removeIf(id -> begun.stream().noneMatch(key -> key.id() == id));
    if (begun.isEmpty() || (lookedAt != null && now.isBefore(lookedAt.plus(INTERVAL)))) {
      return;
    }
    lookedAt = now;
    for (KeyMetadata key : begun) {
      try {
        destroy(key.id(), Objects.requireNonNull(key.destruction()).by(), false);
      } catch (WriteConflictException ex) {
        journal.overtaken();
        return;
      } catch (LatchkeyException ex) {
        // told by what it waits for
      }
    }
  }

  private void erase(long key, String by, boolean onTrust) {
    Fence fence = fence(key);
    if (fence == null) {
      if (key(key).state() != KeyState.DESTROYED) {
        requireUnneeded(key);
      }
      String retained = repository.fence(definition.id());
      follower.write(editor -> editor.destroy(key, by, retained));
      fence = Objects.requireNonNull(fence(key));
    }
    Erased erased = repository.erase(definition.id(), fence, onTrust).orElse(null);
    if (erased == null) {
      follower.write(editor -> {});
      erased = repository.erase(definition.id(), fence, onTrust).orElse(null);
    }
    if (erased == null) {
      throw new LatchkeyException(
          "Keyset %s is still wrapped under an old version of its key-encryption key"
              .formatted(definition.id().name()),
          "Ask again: a node of the store is behind.");
    }
    Receipt receipt =
        new Receipt(inUse.held().reading().readAt(), erased.evidence(), erased.beyondReach());
    follower.write(editor -> editor.verified(key, receipt));
  }

  /**
   * The last time that anybody asks: after this, the key is gone. Of one whose bytes came back with
   * a backup of the store, no census can tell any more.
   */
  private void requireUnneeded(long key) {
    censuses
        .under(key)
        .ifPresent(
            what -> {
              throw new RotationRefusedException(
                  "Keyset %s: %s".formatted(definition.id().name(), what),
                  "Encrypt that again first. Force does not help: it would be lost.",
                  null);
            });
  }

  private @Nullable Fence fence(long id) {
    KeyMetadata key = key(id);
    KeyDestruction destruction = key.destruction();
    return key.state() == KeyState.DESTROYED && destruction != null ? destruction.fence() : null;
  }

  private KeyMetadata key(long id) {
    return inUse.metadata().find(id).orElseThrow();
  }

  private static String text(LatchkeyException ex) {
    return String.valueOf(ex.getMessage());
  }
}
