package dev.latchkey.key.document.internal;

import dev.latchkey.LatchkeyException;
import dev.latchkey.key.KeysetId;
import dev.latchkey.key.document.KeysetStore;
import dev.latchkey.key.document.StoredDocument;
import dev.latchkey.key.internal.KeysetSnapshot;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Loads and saves the public halves of keysets: documents next to those of the keysets, in
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
  public Optional<StoredState> load(KeysetId keyset, @Nullable PublicKeyset held) {
    return documents
        .load(keyset)
        .map(
            stored ->
                (held != null && KeysetReading.isAt(stored, held.snapshot()))
                    ? StoredState.of(held)
                    : state(keyset, stored));
  }

  private StoredState state(KeysetId keyset, StoredDocument stored) {
    try {
      return StoredState.of(document(keyset).open(stored));
    } catch (LatchkeyException ex) {
      return new StoredState(stored.generation(), null);
    }
  }

  /**
   * What the store holds.
   *
   * @param generation the generation
   * @param half the public half; null if the document is not that of this keyset at this location
   */
  public record StoredState(long generation, @Nullable PublicKeyset half) {

    static StoredState of(PublicKeyset half) {
      return new StoredState(half.snapshot().generation(), half);
    }
  }

  /**
   * Writes the public half of the keys that the owner holds.
   *
   * @param over what the store holds now; null if it never held anything
   * @throws dev.latchkey.WriteConflictException if the store holds something else
   * @throws dev.latchkey.StoreUnavailableException if there is no response; the write may have
   *     succeeded
   */
  public StoredState save(KeysetId keyset, KeysetSnapshot owned, @Nullable StoredState over) {
    long before = (over != null) ? over.generation() : 0;
    PublicKeyset next = PublicKeyset.of(owned, over != null ? over.half() : null, before + 1);
    StoredDocument stored = documents.save(keyset, document(keyset).seal(next), before);
    return StoredState.of(next.storedAs(stored));
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
