package dev.latchkey.key.internal;

import com.google.crypto.tink.Key;
import com.google.crypto.tink.KeysetHandle;
import dev.latchkey.key.KeyMetadata;
import dev.latchkey.key.KeyState;
import dev.latchkey.key.KeysetMetadata;
import java.time.Instant;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * One opened generation of a keyset, with its key material: immutable, and never printed.
 *
 * @param metadata the metadata of all keys, with every time completed
 * @param handle the Tink keyset of all keys that are not destroyed; its primary is the active key
 * @param generation the store's version of the document; the first is 1
 * @param createdAt when the store accepted this generation, by the store's clock
 */
public record KeysetSnapshot(
    KeysetMetadata metadata, KeysetHandle handle, long generation, Instant createdAt) {

  /** A draft that the store accepted as {@code generation}, with its times completed. */
  public static KeysetSnapshot of(KeysetDraft draft, long generation, Instant createdAt) {
    return new KeysetSnapshot(
        draft.metadata().with(key -> KeyLife.complete(key, createdAt)),
        draft.handle(),
        generation,
        createdAt);
  }

  /**
   * Whether this can follow {@code held}: it contains every key, possibly destroyed, as the same
   * key, and moves none back in its life. Anything else is a rollback or a fork. The generation may
   * only decrease if the keyset was restored in between, which may also have made an older key
   * active again.
   */
  public boolean succeeds(KeysetSnapshot held) {
    return this == held
        || isNotBefore(held)
            && sameKeys(held)
            && held.metadata.keys().stream()
                .allMatch(
                    key ->
                        metadata
                            .find(key.id())
                            .filter(next -> follows(next, key, held.metadata.restores()))
                            .isPresent());
  }

  private boolean isNotBefore(KeysetSnapshot held) {
    long more = metadata.restores() - held.metadata.restores();
    return more > 0 || (more == 0 && generation >= held.generation);
  }

  /** Whether every id still identifies the same key. */
  private boolean sameKeys(KeysetSnapshot held) {
    Map<Integer, Key> before = held.keys();
    return keys().entrySet().stream()
        .allMatch(
            now ->
                !before.containsKey(now.getKey())
                    || before.get(now.getKey()).equalsKey(now.getValue()));
  }

  private Map<Integer, Key> keys() {
    return IntStream.range(0, handle.size())
        .mapToObj(handle::getAt)
        .collect(Collectors.toMap(KeysetHandle.Entry::getId, KeysetHandle.Entry::getKey));
  }

  private boolean follows(KeyMetadata next, KeyMetadata held, long restoresBefore) {
    boolean activeAgain =
        metadata.restores() > restoresBefore
            && next.state() == KeyState.ACTIVE
            && held.state() != KeyState.DESTROYED;
    return (activeAgain || KeyLife.age(next.state()) >= KeyLife.age(held.state()))
        && (next.compromised() || !held.compromised());
  }

  @Override
  public String toString() {
    return "KeysetSnapshot[%s/%s, generation=%d, keys=%d]"
        .formatted(metadata.owner(), metadata.name(), generation, metadata.keys().size());
  }
}
