package dev.latchkey.key.document.internal;

import dev.latchkey.LatchkeyException;
import dev.latchkey.key.KeysetId;
import dev.latchkey.key.document.KeysetStore;
import dev.latchkey.key.document.StoredDocument;
import dev.latchkey.key.internal.KeysetSnapshot;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Loads and saves the public halves of keysets: documents beside those of the keysets, in
 * plaintext. Anyone with write access can make readers trust other keys.
 */
public final class PublicHalves {

  private final KeysetStore documents;

  /**
   * @param documents where they are stored, each by the id of its keyset
   */
  public PublicHalves(KeysetStore documents) {
    this.documents = documents;
  }

  /**
   * Loads the newest public half.
   *
   * @param held the known public half: returned if the store still holds it
   * @return empty only if the store says with authority that it never existed
   * @throws LatchkeyException if the store returns no document
   */
  public Optional<Standing> load(KeysetId keyset, @Nullable PublicKeyset held) {
    return documents
        .load(keyset)
        .map(
            stored ->
                (held != null && KeysetReading.isAt(stored, held.snapshot()))
                    ? Standing.of(held)
                    : standing(keyset, stored));
  }

  private Standing standing(KeysetId keyset, StoredDocument stored) {
    try {
      return Standing.of(document(keyset).open(stored));
    } catch (LatchkeyException ex) {
      return new Standing(stored.generation(), null);
    }
  }

  /**
   * What the store holds.
   *
   * @param generation the generation
   * @param half the public half; null if the document is not that of this keyset at this location
   */
  public record Standing(long generation, @Nullable PublicKeyset half) {

    static Standing of(PublicKeyset half) {
      return new Standing(half.snapshot().generation(), half);
    }
  }

  /**
   * Writes the public half of the keys that the owner holds.
   *
   * @param over what the store holds now; null if it never held anything
   * @throws dev.latchkey.WriteConflictException if the store holds something else
   * @throws dev.latchkey.StoreUnavailableException if there is no answer; the write may have
   *     succeeded
   */
  public Standing save(KeysetId keyset, KeysetSnapshot owned, @Nullable Standing over) {
    long before = (over != null) ? over.generation() : 0;
    PublicKeyset next = PublicKeyset.of(owned, over != null ? over.half() : null, before + 1);
    StoredDocument stored = documents.save(keyset, document(keyset).seal(next), before);
    return Standing.of(next.storedAs(stored));
  }

  /** Where the public half of a keyset is stored, for messages. */
  public String location(KeysetId keyset) {
    return documents.location(keyset);
  }

  /** The store that readers of public halves use. */
  KeysetStore documents() {
    return documents;
  }

  KeysetSnapshot open(KeysetId keyset, StoredDocument stored) {
    return document(keyset).open(stored).snapshot();
  }

  private PublicKeysetDocument document(KeysetId keyset) {
    return new PublicKeysetDocument(keyset, documents.location(keyset));
  }
}
