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
import dev.latchkey.key.rotation.KeysetStatus.OpenDestruction;
import dev.latchkey.key.rotation.RotationRefusedException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Destroys keys of one keyset in steps that the document and the store record: a fence between the
 * generations with the key and those without it, the document without the key, the erasure of
 * everything before the fence, the receipt. If an instance crashes midway, another resumes.
 */
final class KeyDestroyer {

  /** How often an instance checks whether an operator has done what was requested. */
  static final Duration INTERVAL = Duration.ofMinutes(10);

  private final FollowedKeyset keyset;
  private final References references;
  private final Map<Long, OpenDestruction> open = new ConcurrentHashMap<>();
  private @Nullable Instant lastChecked;

  KeyDestroyer(FollowedKeyset keyset, References references) {
    this.keyset = keyset;
    this.references = references;
  }

  /** What the destruction of each key waits for, as far as this instance has tried. */
  Map<Long, OpenDestruction> open() {
    return Map.copyOf(open);
  }

  /**
   * Proceeds as far as possible with the destruction of a key that may be destroyed.
   *
   * @param by who requested it
   * @param onTrust whether to assume done what the application may not verify
   * @throws RotationRefusedException if data is still encrypted with the key
   * @throws WriteConflictException if another instance wrote at the same time
   * @throws dev.latchkey.StoreUnavailableException if the store does not answer
   */
  void destroy(long key, String by, boolean onTrust) {
    try {
      erase(key, by, onTrust);
      open.remove(key);
    } catch (OperatorNeededException ex) {
      waitFor(key, ex, ex.commands());
      if (key(key).destruction() == null) {
        keyset.write(editor -> editor.askForDestruction(key, by));
      }
    } catch (WriteConflictException ex) {
      throw ex;
    } catch (LatchkeyException ex) {
      waitFor(key, ex, List.of());
      throw ex;
    }
  }

  private void waitFor(long key, LatchkeyException ex, List<String> commands) {
    OpenDestruction waiting =
        new OpenDestruction(String.valueOf(ex.getMessage()), ex.action(), commands);
    if (!waiting.equals(open.put(key, waiting))) {
      keyset.events().destructionWaits(key, waiting);
    }
  }

  /** Resumes open destructions if it is time to check. One that fails does not stop the others. */
  void resume(Instant now) {
    List<KeyMetadata> begun =
        keyset.metadata().keys().stream().filter(KeyMetadata::destructionIsOpen).toList();
    open.keySet().removeIf(id -> begun.stream().noneMatch(key -> key.id() == id));
    if (begun.isEmpty() || (lastChecked != null && now.isBefore(lastChecked.plus(INTERVAL)))) {
      return;
    }
    lastChecked = now;
    for (KeyMetadata key : begun) {
      try {
        destroy(key.id(), Objects.requireNonNull(key.destruction()).by(), false);
      } catch (WriteConflictException ex) {
        keyset.events().overtaken();
        return;
      } catch (LatchkeyException ex) {
        // shown by open()
      }
    }
  }

  private void erase(long key, String by, boolean onTrust) {
    Fence fence = fence(key);
    if (fence == null) {
      if (key(key).state() != KeyState.DESTROYED) {
        requireUnreferenced(key);
      }
      String retained = keyset.repository().fence(keyset.definition().id());
      keyset.write(editor -> editor.destroy(key, by, retained));
      fence = Objects.requireNonNull(fence(key));
    }
    Erased erased = eraseBefore(fence, onTrust).orElse(null);
    if (erased == null) {
      keyset.write(editor -> {}); // wraps the document again, now beyond the fence
      erased = eraseBefore(fence, onTrust).orElse(null);
    }
    if (erased == null) {
      throw new LatchkeyException(
          "Keyset %s is still wrapped by an old version of its key-encryption key"
              .formatted(keyset.definition().id().name()),
          "Try again: a node of the store lags.");
    }
    Receipt receipt =
        new Receipt(keyset.held().reading().readAt(), erased.evidence(), erased.beyondReach());
    keyset.write(editor -> editor.verified(key, receipt));
  }

  private Optional<Erased> eraseBefore(Fence fence, boolean onTrust) {
    return keyset.repository().erase(keyset.definition().id(), fence, onTrust);
  }

  /**
   * The last count of references: afterwards the key is gone. For a key whose bytes came back with
   * a backup of the store, references can no longer be counted.
   */
  private void requireUnreferenced(long key) {
    references
        .to(key)
        .ifPresent(
            found -> {
              throw keyset.refused(
                  new Step.Block(
                      found,
                      "Re-encrypt that data first. Force does not override this: the data would be lost."));
            });
  }

  private @Nullable Fence fence(long id) {
    KeyMetadata key = key(id);
    KeyDestruction destruction = key.destruction();
    return key.state() == KeyState.DESTROYED && destruction != null ? destruction.fence() : null;
  }

  private KeyMetadata key(long id) {
    return keyset.metadata().find(id).orElseThrow();
  }
}
