package dev.latchkey.key.document;

import dev.latchkey.key.KeysetId;
import java.util.Optional;

/**
 * Stores keyset documents: one per keyset, each write a check-and-set on its generation.
 * Implementations must be safe for use by several threads.
 *
 * @since 0.1
 */
public interface KeysetStore {

  /**
   * Loads the newest document.
   *
   * @return empty only if the store itself says, with authority and by a proved answer, that the
   *     document never existed. A deleted document and a denied or failed read are errors. Only the
   *     store can prove that its response is {@link StoredDocument#proved() proved}.
   * @throws dev.latchkey.StoreUnavailableException if the store does not answer
   * @throws dev.latchkey.LatchkeyException for any other answer that is not a document
   */
  Optional<StoredDocument> load(KeysetId keyset);

  /**
   * Writes a document as generation {@code expectedGeneration + 1}.
   *
   * @param expectedGeneration the generation that the store must hold now; 0 if the document never
   *     existed
   * @return what the store holds now: {@code content} at {@code expectedGeneration + 1}
   * @throws dev.latchkey.WriteConflictException if the store holds another generation; nothing was
   *     written
   * @throws dev.latchkey.StoreUnavailableException if the store does not answer; the write may have
   *     succeeded
   * @throws dev.latchkey.LatchkeyException for any other answer
   */
  StoredDocument save(KeysetId keyset, String content, long expectedGeneration);

  /**
   * Where the keyset's document is stored, such as {@code secret/latchkey/shop/orders}. Used in
   * messages, and bound into the document, so that a document that was moved does not open.
   */
  String location(KeysetId keyset);
}
