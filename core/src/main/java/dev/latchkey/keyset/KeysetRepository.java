package dev.latchkey.keyset;

import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Loads and saves keysets: documents in a store, wrapped by key-encryption keys.
 *
 * @since 0.1
 */
public final class KeysetRepository {

  private final KeysetStore store;

  private final KeyEncryptionKeys keyEncryptionKeys;

  private final @Nullable UsageTotals usage;

  /** A repository of one instance that shares its counts with no other. */
  public KeysetRepository(KeysetStore store, KeyEncryptionKeys keyEncryptionKeys) {
    this(store, keyEncryptionKeys, null);
  }

  /**
   * @param usage the uses of keys, added up over all instances; null if they are not
   */
  public KeysetRepository(
      KeysetStore store, KeyEncryptionKeys keyEncryptionKeys, @Nullable UsageTotals usage) {
    this.store = store;
    this.keyEncryptionKeys = keyEncryptionKeys;
    this.usage = usage;
  }

  /**
   * Loads the newest generation of a keyset.
   *
   * @param held what is in use: given back, and nothing is opened, where the store still holds just
   *     that, and where an older one came that is not proved to be the newest
   * @return empty only if the store says with authority that there never was one
   * @throws dev.latchkey.LatchkeyException if it cannot be read or opened
   */
  public Optional<KeysetReading> load(KeysetId keyset, @Nullable KeysetSnapshot held) {
    return store
        .load(keyset)
        .map(
            stored ->
                new KeysetReading(
                    (held != null && tellsNothingNew(held, stored))
                        ? held
                        : document(keyset).open(stored),
                    stored.readAt(),
                    stored.provedAt()));
  }

  private static boolean tellsNothingNew(KeysetSnapshot held, StoredDocument stored) {
    return isSame(held, stored) || (!stored.proved() && stored.generation() < held.generation());
  }

  private static boolean isSame(KeysetSnapshot held, StoredDocument stored) {
    return held.generation() == stored.generation() && held.createdAt().equals(stored.createdAt());
  }

  /**
   * Writes the first generation, and makes the key-encryption key before where it is missing.
   *
   * @throws dev.latchkey.WriteConflictException if somebody else was first
   */
  public KeysetReading create(KeysetId keyset, KeysetDraft draft) {
    keyEncryptionKeys.createIfAbsent(keyset);
    return save(keyset, draft, 0);
  }

  /**
   * Writes the generation after {@code heldGeneration}.
   *
   * @throws dev.latchkey.WriteConflictException if the store holds another generation than that
   * @throws dev.latchkey.StoreUnavailableException if no answer came; it may have been written
   */
  public KeysetReading save(KeysetId keyset, KeysetDraft draft, long heldGeneration) {
    KeysetDocument document = document(keyset);
    StoredDocument stored =
        store.save(keyset, document.seal(draft, heldGeneration + 1), heldGeneration);
    return new KeysetReading(
        KeysetSnapshot.of(draft, stored.generation(), stored.createdAt()),
        stored.readAt(),
        stored.provedAt());
  }

  /**
   * Adds what this instance counted to the counter of all.
   *
   * @param more how often each key protected something, by key id
   * @return the totals by key id; empty where they are not known
   * @throws dev.latchkey.LatchkeyException if the counter cannot be read or written
   */
  public Optional<Map<Long, Long>> addUsage(
      KeysetId keyset, Map<Long, Long> more, boolean createIfAbsent) {
    return usage != null ? usage.add(keyset, more, createIfAbsent) : Optional.empty();
  }

  /** Where the keyset's document lies, for messages. */
  public String location(KeysetId keyset) {
    return store.location(keyset);
  }

  private KeysetDocument document(KeysetId keyset) {
    return new KeysetDocument(keyset, store.location(keyset), keyEncryptionKeys.forKeyset(keyset));
  }
}
