package dev.latchkey.keyset;

import com.google.crypto.tink.KeysetHandle;
import java.time.Instant;

/**
 * One generation of a keyset, opened: immutable, and never printed.
 *
 * @param metadata all that is known of the keys, every time completed
 * @param handle the Tink keyset of all keys that are not destroyed; its primary is the active key
 * @param generation the store's version of the document; the first is 1
 * @param createdAt when the store took this generation, by the store's clock
 * @since 0.1
 */
public record KeysetSnapshot(
    KeysetMetadata metadata, KeysetHandle handle, long generation, Instant createdAt) {

  /** What the store took as {@code generation}: the times of the states entered there are known. */
  static KeysetSnapshot of(KeysetDraft draft, long generation, Instant createdAt) {
    return new KeysetSnapshot(
        draft.metadata().completed(createdAt), draft.handle(), generation, createdAt);
  }

  /**
   * Whether this can follow {@code held}: it forgets no key. Anything else is a rollback or a fork.
   */
  public boolean succeeds(KeysetSnapshot held) {
    return generation >= held.generation && metadata.ids().containsAll(held.metadata.ids());
  }

  @Override
  public String toString() {
    return "KeysetSnapshot[%s/%s, generation=%d, keys=%d]"
        .formatted(metadata.owner(), metadata.name(), generation, metadata.keys().size());
  }
}
