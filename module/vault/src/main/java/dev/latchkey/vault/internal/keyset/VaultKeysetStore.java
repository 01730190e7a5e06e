package dev.latchkey.vault.internal.keyset;

import dev.latchkey.LatchkeyException;
import dev.latchkey.key.KeysetId;
import dev.latchkey.key.document.KeysetStore;
import dev.latchkey.key.document.StoredDocument;
import dev.latchkey.vault.internal.client.ReadProof;
import dev.latchkey.vault.internal.client.VaultConnection;
import dev.latchkey.vault.internal.kv.GoneVersionException;
import dev.latchkey.vault.internal.kv.Mount;
import dev.latchkey.vault.internal.kv.VersionedKeyValues;
import dev.latchkey.vault.internal.kv.VersionedKeyValues.Version;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Keyset documents in a KV engine that keeps versions: one path per keyset, one field that holds
 * the whole document as text, the generation being the engine's version.
 *
 * @since 0.1
 */
public final class VaultKeysetStore implements KeysetStore {

  private static final String FIELD = "document";

  /** Newer than any, until somebody asks: a write failed, or its answer was lost. */
  private static final long UNKNOWN = Long.MAX_VALUE;

  private final VaultConnection connection;
  private final String mount;
  private final String path;
  private final String suffix;
  private final @Nullable String anew;
  private final VersionedKeyValues values;

  /** The newest generation that was seen of each keyset. */
  private final Map<KeysetId, Long> known = new ConcurrentHashMap<>();

  /**
   * Keeps documents at {@code mount/path/owner/keyset}.
   *
   * @param mount the KV engine's mount, such as {@code secret}
   * @param path what stands before the owner's name there, such as {@code latchkey}
   */
  public VaultKeysetStore(VaultConnection connection, String mount, String path) {
    this(connection, mount, path, "", null);
  }

  /**
   * @param anew how to have the document made anew, with the mount and the path to be filled in;
   *     null if that cannot be
   */
  private VaultKeysetStore(
      VaultConnection connection, String mount, String path, String suffix, @Nullable String anew) {
    this.connection = connection;
    this.mount = mount;
    this.path = path;
    this.suffix = suffix;
    this.anew = anew;
    this.values = new VersionedKeyValues(connection, mount);
  }

  /**
   * The counters of uses, beside the documents that this keeps: {@code .usage} follows the name.
   */
  public VaultKeysetStore counters() {
    return new VaultKeysetStore(
        connection,
        mount,
        path,
        ".usage",
        "Remove it, and counting starts anew: `vault kv metadata delete -mount=%s %s`.");
  }

  /**
   * The public halves of the keysets, beside their documents: {@code .public} follows the name. Who
   * reads them follows no version that is lower than before: they are not to be removed.
   */
  public VaultKeysetStore publicHalves() {
    return new VaultKeysetStore(
        connection,
        mount,
        path,
        ".public",
        "Let its owner write it anew, which it does over any text: `vault kv put -mount=%s %s"
            + " document=anew`.");
  }

  @Override
  public Optional<StoredDocument> load(KeysetId keyset) {
    ReadProof proof = connection.proofs().current();
    Optional<Version> version = read(keyset, proof);
    long seen = known.getOrDefault(keyset, 0L);
    if (number(version) < seen && proof.asOf() != null) {
      // proved as of a time before the newer one was seen: that it is gone needs a newer proof
      proof = connection.proofs().renew();
      version = read(keyset, proof);
    }
    known.put(keyset, proof.proves() ? number(version) : Math.max(number(version), seen));
    if (version.isEmpty()) {
      failUnlessVersioned(keyset);
    }
    return version.map(it -> document(keyset, it));
  }

  private Optional<Version> read(KeysetId keyset, ReadProof proof) {
    try {
      return values.readNewest(path(keyset), proof);
    } catch (GoneVersionException ex) {
      throw anew == null
          ? ex
          : new LatchkeyException(String.valueOf(ex.getMessage()), toHaveItAnew(anew, keyset));
    }
  }

  private String toHaveItAnew(String how, KeysetId keyset) {
    return how.formatted(mount, path(keyset));
  }

  private static long number(Optional<Version> version) {
    return version.map(Version::number).orElse(0L);
  }

  @Override
  public StoredDocument save(KeysetId keyset, String content, long expectedGeneration) {
    known.put(keyset, UNKNOWN);
    Version written = values.write(path(keyset), Map.of(FIELD, content), expectedGeneration);
    known.put(keyset, written.number());
    return new StoredDocument(
        content, written.number(), written.createdAt(), written.readAt(), written.readAt());
  }

  @Override
  public String location(KeysetId keyset) {
    return values.location(path(keyset));
  }

  /** Where the keyset's document lies in its mount. */
  String path(KeysetId keyset) {
    return path + "/" + keyset.owner() + "/" + keyset.name() + suffix;
  }

  /** Only such an engine's word that nothing is there means that nothing ever was. */
  private void failUnlessVersioned(KeysetId keyset) {
    Mount found = Mount.lookUp(connection, location(keyset));
    if (!found.path().equals(mount)) {
      throw new LatchkeyException(
          "The mount of %s in %s is %s, not %s"
              .formatted(location(keyset), connection, found.path(), mount),
          "Set latchkey.store.vault.mount=%s.".formatted(found.path()));
    }
    if (!found.isVersionedKeyValue()) {
      throw values.notVersioned(path(keyset));
    }
  }

  private StoredDocument document(KeysetId keyset, Version version) {
    version.failIfItExpires(location(keyset), mount, path(keyset));
    if (version.data().size() != 1 || !version.data().path(FIELD).isString()) {
      throw new LatchkeyException(
          "%s in %s holds no keyset document: one field '%s' with a text is expected"
              .formatted(location(keyset), connection, FIELD),
          "Something else was written there; nothing is overwritten. "
              + (anew != null
                  ? toHaveItAnew(anew, keyset)
                  : "Move it away, or set latchkey.store.vault.path to a path of its own."));
    }
    return new StoredDocument(
        version.data().path(FIELD).stringValue(),
        version.number(),
        version.createdAt(),
        version.readAt(),
        version.provedAt());
  }
}
