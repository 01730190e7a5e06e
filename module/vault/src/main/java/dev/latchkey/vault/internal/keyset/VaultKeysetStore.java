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
 * Stores keyset documents in the KV version 2 engine: one path per keyset, with the document as
 * text in one field. The generation of a document is the engine's version.
 */
public final class VaultKeysetStore implements KeysetStore {

  private static final String FIELD = "document";

  /** Higher than any generation, until the next read: a write failed, or its response was lost. */
  private static final long UNKNOWN = Long.MAX_VALUE;

  private final VaultConnection connection;
  private final String mount;
  private final String path;
  private final String suffix;
  private final @Nullable String recreation;
  private final VersionedKeyValues values;

  /** The newest known generation of each keyset. */
  private final Map<KeysetId, Long> known = new ConcurrentHashMap<>();

  /**
   * Stores documents at {@code mount/path/owner/keyset}.
   *
   * @param mount mount of the KV engine, such as {@code secret}
   * @param path path in the mount, such as {@code latchkey}
   */
  public VaultKeysetStore(VaultConnection connection, String mount, String path) {
    this(connection, mount, path, "", null);
  }

  /**
   * @param recreation how to recreate the document, with placeholders for mount and path; null if
   *     that is impossible
   */
  private VaultKeysetStore(
      VaultConnection connection,
      String mount,
      String path,
      String suffix,
      @Nullable String recreation) {
    this.connection = connection;
    this.mount = mount;
    this.path = path;
    this.suffix = suffix;
    this.recreation = recreation;
    this.values = new VersionedKeyValues(connection, mount);
  }

  /** Stores the usage counters next to the documents, with the suffix {@code .usage}. */
  public VaultKeysetStore counters() {
    return new VaultKeysetStore(
        connection,
        mount,
        path,
        ".usage",
        "Delete it, and counting starts again: `vault kv metadata delete -mount=%s %s`.");
  }

  /**
   * Stores the public halves next to the documents, with the suffix {@code .public}. Do not delete
   * them: consumers ignore a version that is lower than the one they have.
   */
  public VaultKeysetStore publicHalves() {
    return new VaultKeysetStore(
        connection,
        mount,
        path,
        ".public",
        "Let its owner replace it, whatever its text: `vault kv put -mount=%s %s document=reset`.");
  }

  @Override
  public Optional<StoredDocument> load(KeysetId keyset) {
    ReadProof proof = connection.proofs().current();
    Optional<Version> version = read(keyset, proof);
    long seen = known.getOrDefault(keyset, 0L);
    if (number(version) < seen && proof.asOf() != null) {
      // the proof is older than the newest known generation, which only a newer proof can disprove
      proof = connection.proofs().prove();
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
      throw recreation == null
          ? ex
          : new LatchkeyException(
              String.valueOf(ex.getMessage()), howToRecreate(recreation, keyset));
    }
  }

  private String howToRecreate(String how, KeysetId keyset) {
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

  /** The path of a document in its mount. */
  String path(KeysetId keyset) {
    return path + "/" + keyset.owner() + "/" + keyset.name() + suffix;
  }

  /** Only KV version 2 can report that a document never existed. */
  private void failUnlessVersioned(KeysetId keyset) {
    Mount found = Mount.lookUp(connection, location(keyset));
    if (!found.path().equals(mount)) {
      throw new LatchkeyException(
          "The mount of %s in %s is %s, not %s"
              .formatted(location(keyset), connection, found.path(), mount),
          "Set latchkey.store.vault.mount=%s.".formatted(found.path()));
    }
    if (!found.isVersionedKeyValue()) {
      throw values.unversioned(path(keyset));
    }
  }

  private StoredDocument document(KeysetId keyset, Version version) {
    version.failIfItExpires(location(keyset), mount, path(keyset));
    if (version.data().size() != 1 || !version.data().path(FIELD).isString()) {
      throw new LatchkeyException(
          "%s in %s is not a keyset document: expected one text field '%s'"
              .formatted(location(keyset), connection, FIELD),
          "Something else was written to this path, which Latchkey does not overwrite. "
              + (recreation != null
                  ? howToRecreate(recreation, keyset)
                  : "Move it to another path, or change latchkey.store.vault.path."));
    }
    return new StoredDocument(
        version.data().path(FIELD).stringValue(),
        version.number(),
        version.createdAt(),
        version.readAt(),
        version.provedAt());
  }
}
