package dev.latchkey.key.document.internal;

import dev.latchkey.LatchkeyException;
import dev.latchkey.key.KeyDestruction;
import dev.latchkey.key.KeysetId;
import dev.latchkey.key.document.KeyEncryptionKeys;
import dev.latchkey.key.document.KeysetErasure;
import dev.latchkey.key.document.KeysetStore;
import dev.latchkey.key.document.OperatorNeededException;
import dev.latchkey.key.document.StoredDocument;
import dev.latchkey.key.internal.KeysetDraft;
import dev.latchkey.key.internal.KeysetSnapshot;
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
  private final KeysetErasure erasure;

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
    this(
        store,
        (keyset, stored) -> document(store, keyEncryptionKeys, keyset).open(stored),
        keyEncryptionKeys,
        usage,
        publicHalves,
        KeysetErasure.nothingLeft());
  }

  private KeysetRepository(
      KeysetStore store,
      BiFunction<KeysetId, StoredDocument, KeysetSnapshot> opener,
      @Nullable KeyEncryptionKeys keyEncryptionKeys,
      @Nullable UsageTotals usage,
      @Nullable PublicHalves publicHalves,
      KeysetErasure erasure) {
    this.store = store;
    this.opener = opener;
    this.keyEncryptionKeys = keyEncryptionKeys;
    this.usage = usage;
    this.publicHalves = publicHalves;
    this.erasure = erasure;
  }

  /**
   * This repository over a store that keeps older generations, or copies of them: {@code erasure}
   * ends what they hold when a key is destroyed.
   */
  public KeysetRepository erasedBy(KeysetErasure erasure) {
    return new KeysetRepository(store, opener, keyEncryptionKeys, usage, publicHalves, erasure);
  }

  /** A repository from which the public halves of keysets are loaded, and nothing is saved. */
  public static KeysetRepository of(PublicHalves halves) {
    return new KeysetRepository(
        halves.documents(), halves::open, null, null, null, KeysetErasure.nothingLeft());
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
    return KeysetReading.isAt(stored, held)
        || (!stored.proved() && stored.generation() < held.generation());
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

  /**
   * What stands in the store, whether it opens or not.
   *
   * @return empty only if the store says with authority that there never was anything
   * @throws dev.latchkey.LatchkeyException if it cannot be read
   */
  public Optional<Standing> standing(KeysetId keyset) {
    return store.load(keyset).map(stored -> standing(keyset, stored));
  }

  private Standing standing(KeysetId keyset, StoredDocument stored) {
    try {
      KeysetSnapshot opened = opener.apply(keyset, stored);
      return new Standing(stored.generation(), stored.proved(), opened, null);
    } catch (UnopenedDocumentException ex) {
      return new Standing(stored.generation(), stored.proved(), null, ex);
    }
  }

  /**
   * What stands in a store.
   *
   * @param generation which generation it is
   * @param proved whether it is known to be the newest
   * @param opened what it holds, or null
   * @param unopened why it does not open, or null
   */
  public record Standing(
      long generation,
      boolean proved,
      @Nullable KeysetSnapshot opened,
      @Nullable UnopenedDocumentException unopened) {}

  /**
   * Makes sure that the next generation is wrapped under a newer version of the key-encryption key
   * than all that stand in the store.
   *
   * @return see {@link KeysetErasure#fence}
   * @throws OperatorNeededException if somebody else has to do a part of it
   */
  public String fence(KeysetId keyset) {
    return erasure.fence(keyset, wrapped(keyset));
  }

  /**
   * Erases every generation before the fence.
   *
   * @param onTrust whether what the application may not look at is taken for done
   * @return empty if the newest generation is not beyond the fence, and has to be written again
   * @throws OperatorNeededException if somebody else has to do a part of it
   * @throws dev.latchkey.LatchkeyException if it cannot be done, or not be seen
   */
  public Optional<KeysetErasure.Erased> erase(
      KeysetId keyset, KeyDestruction.Fence fence, boolean onTrust) {
    return erasure.isBeyond(fence.retained(), wrapped(keyset))
        ? Optional.of(erasure.erase(keyset, fence, onTrust))
        : Optional.empty();
  }

  private byte[] wrapped(KeysetId keyset) {
    return document(store, keyEncryptionKeys(), keyset)
        .wrapped(store.load(keyset).orElseThrow(() -> gone(keyset)));
  }

  private LatchkeyException gone(KeysetId keyset) {
    return new LatchkeyException(
        "Keyset %s is gone from %s".formatted(keyset.name(), location(keyset)),
        "DO NOT RESTART: restore it from the memory of this instance.");
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
