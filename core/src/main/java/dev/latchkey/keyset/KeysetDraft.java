package dev.latchkey.keyset;

import com.google.crypto.tink.KeysetHandle;

/**
 * The next generation of a keyset, made but not written.
 *
 * @param metadata all that is known of the keys; a state entered here has no time yet
 * @param handle the Tink keyset of all keys that are not destroyed
 * @since 0.1
 */
public record KeysetDraft(KeysetMetadata metadata, KeysetHandle handle) {

  @Override
  public String toString() {
    return "KeysetDraft[%s/%s]".formatted(metadata.owner(), metadata.name());
  }
}
