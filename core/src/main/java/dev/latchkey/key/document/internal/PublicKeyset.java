package dev.latchkey.key.document.internal;

import com.google.crypto.tink.KeysetHandle;
import dev.latchkey.key.KeyMetadata;
import dev.latchkey.key.KeyState;
import dev.latchkey.key.KeysetMetadata;
import dev.latchkey.key.document.StoredDocument;
import dev.latchkey.key.internal.KeyLife;
import dev.latchkey.key.internal.KeysetDraft;
import dev.latchkey.key.internal.KeysetSnapshot;
import dev.latchkey.key.internal.TinkKeys;
import java.security.GeneralSecurityException;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The public half of a keyset.
 *
 * @param snapshot its public keys; {@link KeyMetadata#publishedAt()} says here when the public half
 *     of a key was published
 * @param source the generation of the keyset that it was created from
 */
public record PublicKeyset(KeysetSnapshot snapshot, long source) {

  /**
   * Creates the public half of a keyset.
   *
   * @param held what the store holds; null if it never held anything
   * @param generation the generation to create
   */
  static PublicKeyset of(KeysetSnapshot owned, @Nullable PublicKeyset held, long generation) {
    KeysetMetadata all = owned.metadata();
    KeysetMetadata metadata =
        new KeysetMetadata(
            all.owner(),
            all.name(),
            all.operation(),
            all.keys().stream()
                .map(
                    key -> KeyLife.inPublicHalf(key, find(held, key.id()).orElse(null), generation))
                .toList(),
            all.restores());
    return new PublicKeyset(
        new KeysetSnapshot(metadata, publicHalf(owned), generation, owned.createdAt()),
        owned.generation());
  }

  private static Optional<KeyMetadata> find(@Nullable PublicKeyset held, long id) {
    return (held != null) ? held.snapshot.metadata().find(id) : Optional.empty();
  }

  private static KeysetHandle publicHalf(KeysetSnapshot owned) {
    try {
      return TinkKeys.publicHalf(owned.handle());
    } catch (GeneralSecurityException ex) {
      throw new IllegalStateException("A keyset without public keys has no public half", ex);
    }
  }

  PublicKeyset storedAs(StoredDocument stored) {
    return new PublicKeyset(
        KeysetSnapshot.of(
            new KeysetDraft(snapshot.metadata(), snapshot.handle()),
            stored.generation(),
            stored.createdAt()),
        source);
  }

  /**
   * Whether it claims to be created from a successor of these keys. Anyone with write access can
   * claim that.
   */
  public boolean isAheadOf(KeysetSnapshot owned) {
    long more = snapshot.metadata().restores() - owned.metadata().restores();
    return more > 0 || (more == 0 && source > owned.generation());
  }

  /**
   * Whether the owner wrote it from these keys, or may have written it from earlier ones.
   *
   * @param owned a generation that it is not {@linkplain #isAheadOf ahead of}
   */
  public boolean isIntact(KeysetSnapshot owned) {
    return isFrom(owned)
        ? isHalfOf(owned)
        : of(owned, this, snapshot.generation() + 1).snapshot.succeeds(snapshot);
  }

  /** Whether it claims to be created from exactly this generation. */
  public boolean isFrom(KeysetSnapshot owned) {
    return source == owned.generation()
        && snapshot.metadata().restores() == owned.metadata().restores();
  }

  /** Whether it holds exactly the public halves of these keys, in the same states. */
  private boolean isHalfOf(KeysetSnapshot owned) {
    return states(snapshot).equals(states(owned))
        && snapshot.handle().equalsKeyset(publicHalf(owned));
  }

  private static Map<Long, KeyState> states(KeysetSnapshot keyset) {
    return keyset.metadata().keys().stream()
        .collect(Collectors.toMap(KeyMetadata::id, KeyMetadata::state));
  }
}
