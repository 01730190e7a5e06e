package dev.latchkey.key.document.internal;

import com.google.crypto.tink.Aead;
import dev.latchkey.LatchkeyException;
import dev.latchkey.key.KeyDestruction;
import dev.latchkey.key.KeysetId;
import dev.latchkey.key.document.KeyEncryptionKeys;
import dev.latchkey.key.document.KeysetErasure;
import dev.latchkey.key.document.KeysetStore;
import dev.latchkey.key.document.StoredDocument;
import dev.latchkey.key.internal.KeysetDraft;
import dev.latchkey.key.internal.KeysetSnapshot;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * Loads and saves keysets as documents in a store, wrapped by key-encryption keys.
 *
 * <p>Without further settings, a repository shares no usage counts, publishes no public halves, and
 * expects a store that keeps the newest generation only.
 */
public final class KeysetRepository {

  private final KeysetStore store;
  private final KeyEncryptionKeys keyEncryptionKeys;
  private final BiFunction<KeysetId, StoredDocument, KeysetSnapshot> opener;
  private final KeysetErasure erasure;
  private final Optional<UsageTotals> usage;
  private final Optional<PublicHalves> publicHalves;

  public KeysetRepository(KeysetStore store, KeyEncryptionKeys keyEncryptionKeys) {
    this(
        store,
        keyEncryptionKeys,
        (keyset, stored) -> document(store, keyEncryptionKeys, keyset).open(stored),
        KeysetErasure.nothingLeft(),
        Optional.empty(),
        Optional.empty());
  }

  private KeysetRepository(
      KeysetStore store,
      KeyEncryptionKeys keyEncryptionKeys,
      BiFunction<KeysetId, StoredDocument, KeysetSnapshot> opener,
      KeysetErasure erasure,
      Optional<UsageTotals> usage,
      Optional<PublicHalves> publicHalves) {
    this.store = store;
    this.keyEncryptionKeys = keyEncryptionKeys;
    this.opener = opener;
    this.erasure = erasure;
    this.usage = usage;
    this.publicHalves = publicHalves;
  }

  /** A repository that only loads, and only the public halves of keysets. */
  public static KeysetRepository of(PublicHalves halves) {
    return new KeysetRepository(
        halves.documents(),
        NotTheOwner.INSTANCE,
        halves::open,
        KeysetErasure.nothingLeft(),
        Optional.empty(),
        Optional.empty());
  }

  /** This repository over a store that keeps older generations, or copies of them. */
  public KeysetRepository erasedBy(KeysetErasure erasure) {
    return new KeysetRepository(store, keyEncryptionKeys, opener, erasure, usage, publicHalves);
  }

  /** This repository with usage counts that all instances share. */
  public KeysetRepository countingIn(UsageTotals usage) {
    return new KeysetRepository(
        store, keyEncryptionKeys, opener, erasure, Optional.of(usage), publicHalves);
  }

  /** This repository with the place where public halves of keysets are published. */
  public KeysetRepository publishingIn(PublicHalves halves) {
    return new KeysetRepository(
        store, keyEncryptionKeys, opener, erasure, usage, Optional.of(halves));
  }

  /** Where the public halves of its keysets are published, if they are. */
  public Optional<PublicHalves> publicHalves() {
    return publicHalves;
  }

  /**
   * Loads the newest generation of a keyset.
   *
   * @param held what is in use: returned, without opening anything, if the store still holds it, or
   *     if it returns an older generation that is not proved to be the newest
   * @return empty only if the store says with authority that the keyset never existed
   * @throws LatchkeyException if it cannot be read or opened
   */
  public Optional<KeysetReading> load(KeysetId keyset, @Nullable KeysetSnapshot held) {
    return store
        .load(keyset)
        .map(
            stored ->
                new KeysetReading(
                    (held != null && isNoNews(held, stored)) ? held : opener.apply(keyset, stored),
                    stored.readAt(),
                    stored.provedAt()));
  }

  private static boolean isNoNews(KeysetSnapshot held, StoredDocument stored) {
    return KeysetReading.isAt(stored, held)
        || (!stored.proved() && stored.generation() < held.generation());
  }

  /**
   * Writes the first generation, after creating the key-encryption key if it is missing.
   *
   * @throws dev.latchkey.WriteConflictException if another instance was first
   */
  public KeysetReading create(KeysetId keyset, KeysetDraft draft) {
    keyEncryptionKeys.createIfAbsent(keyset);
    return save(keyset, draft, 0);
  }

  /**
   * Writes the generation after {@code heldGeneration}.
   *
   * @throws dev.latchkey.WriteConflictException if the store holds another generation
   * @throws dev.latchkey.StoreUnavailableException if there is no response; the write may have
   *     succeeded
   */
  public KeysetReading save(KeysetId keyset, KeysetDraft draft, long heldGeneration) {
    StoredDocument stored =
        store.save(keyset, document(keyset).seal(draft, heldGeneration + 1), heldGeneration);
    return new KeysetReading(
        KeysetSnapshot.of(draft, stored.generation(), stored.createdAt()),
        stored.readAt(),
        stored.provedAt());
  }

  /**
   * Adds what this instance counted to the shared usage counts.
   *
   * @param more how often each key protected something, by key id
   * @return the totals by key id; empty if they are unknown
   * @throws LatchkeyException if the counter cannot be read or written
   */
  public Optional<Map<Long, Long>> addUsage(
      KeysetId keyset, Map<Long, Long> more, boolean createIfAbsent) {
    return usage.flatMap(totals -> totals.add(keyset, more, createIfAbsent));
  }

  /**
   * What the store holds, whether it opens or not.
   *
   * @return empty only if the store says with authority that the keyset never existed
   * @throws LatchkeyException if it cannot be read
   */
  public Optional<StoredState> storedState(KeysetId keyset) {
    return store.load(keyset).map(stored -> state(keyset, stored));
  }

  private StoredState state(KeysetId keyset, StoredDocument stored) {
    try {
      KeysetSnapshot opened = opener.apply(keyset, stored);
      return new StoredState(stored.generation(), stored.proved(), opened, null);
    } catch (UnopenedDocumentException ex) {
      return new StoredState(stored.generation(), stored.proved(), null, ex);
    }
  }

  /**
   * What a store holds.
   *
   * @param generation the generation
   * @param proved whether it is proved to be the newest
   * @param opened the keyset, or null if it does not open
   * @param unopened why it does not open, or null
   */
  public record StoredState(
      long generation,
      boolean proved,
      @Nullable KeysetSnapshot opened,
      @Nullable UnopenedDocumentException unopened) {}

  /**
   * Ensures that the next generation is wrapped by a newer version of the key-encryption key than
   * all generations in the store.
   *
   * @return see {@link KeysetErasure#fence}
   * @throws dev.latchkey.key.document.OperatorNeededException if an operator must do a part of it
   */
  public String fence(KeysetId keyset) {
    return erasure.fence(keyset, wrapped(keyset));
  }

  /**
   * Erases every generation before the fence.
   *
   * @param onTrust whether to assume done what the application may not verify
   * @return empty if the newest generation is not beyond the fence and must be written again
   * @throws dev.latchkey.key.document.OperatorNeededException if an operator must do a part of it
   * @throws LatchkeyException if it cannot be done or verified
   */
  public Optional<KeysetErasure.Erased> erase(
      KeysetId keyset, KeyDestruction.Fence fence, boolean onTrust) {
    return erasure.isBeyond(fence.retained(), wrapped(keyset))
        ? Optional.of(erasure.erase(keyset, fence, onTrust))
        : Optional.empty();
  }

  private byte[] wrapped(KeysetId keyset) {
    return document(keyset).wrapped(store.load(keyset).orElseThrow(() -> gone(keyset)));
  }

  private LatchkeyException gone(KeysetId keyset) {
    return new LatchkeyException(
        "Keyset %s is gone from %s".formatted(keyset.name(), location(keyset)),
        "DO NOT RESTART: restore it from the memory of this instance.");
  }

  /** Where the keyset's document is stored, for messages. */
  public String location(KeysetId keyset) {
    return store.location(keyset);
  }

  private KeysetDocument document(KeysetId keyset) {
    return document(store, keyEncryptionKeys, keyset);
  }

  private static KeysetDocument document(
      KeysetStore store, KeyEncryptionKeys keyEncryptionKeys, KeysetId keyset) {
    return new KeysetDocument(keyset, store.location(keyset), keyEncryptionKeys.forKeyset(keyset));
  }

  /** The key-encryption keys of an application that only reads public halves. */
  private enum NotTheOwner implements KeyEncryptionKeys {
    INSTANCE;

    @Override
    public Aead forKeyset(KeysetId keyset) {
      throw refusal();
    }

    @Override
    public void createIfAbsent(KeysetId keyset) {
      throw refusal();
    }

    private static IllegalStateException refusal() {
      return new IllegalStateException("Only the owner of a keyset writes it");
    }
  }
}
