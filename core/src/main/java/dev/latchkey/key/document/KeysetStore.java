package dev.latchkey.key.document;

import dev.latchkey.key.KeysetId;
import java.util.Optional;

/**
 * Where keyset documents lie: one per keyset, each write a check-and-set on its generation.
 * Implementations are safe for use by several threads.
 *
 * @since 0.1
 */
public interface KeysetStore {

  /**
   * Loads the newest document.
   *
   * @return empty only if the store itself says, with authority and by an answer that is proved,
   *     that there never was one; a deleted document, a denied or failed read is an error. Only the
   *     store can tell whether what it answers is {@link StoredDocument#proved() proved}.
   * @throws dev.latchkey.StoreUnavailableException if the store gives no answer now
   * @throws dev.latchkey.LatchkeyException for any other answer that is no document
   */
  Optional<StoredDocument> load(KeysetId keyset);

  /**
   * Writes a document as generation {@code expectedGeneration + 1}.
   *
   * @param expectedGeneration the generation that must stand in the store now; 0 if none ever did
   * @return what the store holds now: {@code content} at {@code expectedGeneration + 1}
   * @throws dev.latchkey.WriteConflictException if another generation stands there; nothing was
   *     written
   * @throws dev.latchkey.StoreUnavailableException if no answer came; it may have been written or
   *     not
   * @throws dev.latchkey.LatchkeyException for any other answer
   */
  StoredDocument save(KeysetId keyset, String content, long expectedGeneration);

  /**
   * Where the keyset's document lies, such as {@code secret/latchkey/shop/orders}: for messages,
   * and bound into the document, so that a moved one does not open.
   */
  String location(KeysetId keyset);
}
