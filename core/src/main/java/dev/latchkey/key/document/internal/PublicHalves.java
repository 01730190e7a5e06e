package dev.latchkey.key.document.internal;

import dev.latchkey.LatchkeyException;
import dev.latchkey.key.KeysetId;
import dev.latchkey.key.document.KeysetStore;
import dev.latchkey.key.document.StoredDocument;
import dev.latchkey.key.internal.KeysetSnapshot;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Loads and saves the public halves of keysets: documents of their own, beside those of the
 * keysets, in the clear. Whoever can write there can make those who read there trust other keys.
 *
 * @since 0.1
 */
public final class PublicHalves {

  private final KeysetStore documents;

  /**
   * @param documents where they lie, each under its keyset's id
   */
  public PublicHalves(KeysetStore documents) {
    this.documents = documents;
  }

  /**
   * Loads the newest public half.
   *
   * @param held what is known of it: given back where the store still holds just that
   * @return empty only if the store says with authority that there never was one
   * @throws LatchkeyException if the store gives no document
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
   * What stands in the store.
   *
   * @param generation which generation it is
   * @param half what it holds; null if that is no public half of this keyset at this place
   */
  public record Standing(long generation, @Nullable PublicKeyset half) {

    static Standing of(PublicKeyset half) {
      return new Standing(half.snapshot().generation(), half);
    }
  }

  /**
   * Writes the public half of what the owner holds.
   *
   * @param over what stands in the store now; null if nothing ever did
   * @throws dev.latchkey.WriteConflictException if something else stands there
   * @throws dev.latchkey.StoreUnavailableException if no answer came; it may have been written
   */
  public Standing save(KeysetId keyset, KeysetSnapshot owned, @Nullable Standing over) {
    long before = (over != null) ? over.generation() : 0;
    PublicKeyset next = PublicKeyset.of(owned, over != null ? over.half() : null, before + 1);
    StoredDocument stored = documents.save(keyset, document(keyset).seal(next), before);
    return Standing.of(next.storedAs(stored));
  }

  /** Where the public half of a keyset lies, for messages. */
  public String location(KeysetId keyset) {
    return documents.location(keyset);
  }

  /** What users of public halves load from. */
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
