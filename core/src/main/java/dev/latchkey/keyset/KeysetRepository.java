package dev.latchkey.keyset;

import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * Loads and saves keysets: documents in a store, wrapped by key-encryption keys.
 *
 * @since 0.1
 */
public final class KeysetRepository {

  private final KeysetStore store;

  private final BiFunction<KeysetId, StoredDocument, KeysetSnapshot> opener;

  private final @Nullable KeyEncryptionKeys keyEncryptionKeys;

  private final @Nullable UsageTotals usage;

  private final @Nullable PublicHalves publicHalves;

  /** A repository of one instance that shares its counts with no other. */
  public KeysetRepository(KeysetStore store, KeyEncryptionKeys keyEncryptionKeys) {
    this(store, keyEncryptionKeys, null);
  }

  /**
   * @param usage the uses of keys, added up over all instances; null if they are not
   */
  public KeysetRepository(
      KeysetStore store, KeyEncryptionKeys keyEncryptionKeys, @Nullable UsageTotals usage) {
    this(store, keyEncryptionKeys, usage, null);
  }

  /**
   * @param usage the uses of keys, added up over all instances; null if they are not
   * @param publicHalves where the public halves of keysets that have one are published; null if
   *     they are not
   */
  public KeysetRepository(
      KeysetStore store,
      KeyEncryptionKeys keyEncryptionKeys,
      @Nullable UsageTotals usage,
      @Nullable PublicHalves publicHalves) {
    this.store = store;
    this.opener = (keyset, stored) -> document(store, keyEncryptionKeys, keyset).open(stored);
    this.keyEncryptionKeys = keyEncryptionKeys;
    this.usage = usage;
    this.publicHalves = publicHalves;
  }

  private KeysetRepository(PublicHalves halves) {
    this.store = halves.documents();
    this.opener = halves::open;
    this.keyEncryptionKeys = null;
    this.usage = null;
    this.publicHalves = null;
  }

  /** A repository from which the public halves of keysets are loaded, and nothing is saved. */
  public static KeysetRepository of(PublicHalves halves) {
    return new KeysetRepository(halves);
  }

  /** Where the public halves of its keysets are published, if they are. */
  public Optional<PublicHalves> publicHalves() {
    return Optional.ofNullable(publicHalves);
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
                        : opener.apply(keyset, stored),
                    stored.readAt(),
                    stored.provedAt()));
  }

  private static boolean tellsNothingNew(KeysetSnapshot held, StoredDocument stored) {
    return held.isAsIn(stored) || (!stored.proved() && stored.generation() < held.generation());
  }

  /**
   * Writes the first generation, and makes the key-encryption key before where it is missing.
   *
   * @throws dev.latchkey.WriteConflictException if somebody else was first
   */
  public KeysetReading create(KeysetId keyset, KeysetDraft draft) {
    keyEncryptionKeys().createIfAbsent(keyset);
    return save(keyset, draft, 0);
  }

  /**
   * Writes the generation after {@code heldGeneration}.
   *
   * @throws dev.latchkey.WriteConflictException if the store holds another generation than that
   * @throws dev.latchkey.StoreUnavailableException if no answer came; it may have been written
   */
  public KeysetReading save(KeysetId keyset, KeysetDraft draft, long heldGeneration) {
    KeysetDocument document = document(store, keyEncryptionKeys(), keyset);
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

  private KeyEncryptionKeys keyEncryptionKeys() {
    if (keyEncryptionKeys == null) {
      throw new IllegalStateException("Only the owner of a keyset writes it");
    }
    return keyEncryptionKeys;
  }

  private static KeysetDocument document(
      KeysetStore store, KeyEncryptionKeys keyEncryptionKeys, KeysetId keyset) {
    return new KeysetDocument(keyset, store.location(keyset), keyEncryptionKeys.forKeyset(keyset));
  }
}
