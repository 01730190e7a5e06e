package dev.latchkey.vault.internal.keyset;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.latchkey.LatchkeyException;
import dev.latchkey.StoreUnavailableException;
import dev.latchkey.key.KeyDestruction.Fence;
import dev.latchkey.key.KeysetId;
import dev.latchkey.key.document.KeysetErasure;
import dev.latchkey.key.document.OperatorNeededException;
import dev.latchkey.vault.internal.client.VaultConnection;
import java.security.GeneralSecurityException;
import java.util.List;

/**
 * Erases from a server what older versions of keyset documents hold: the versions themselves in the
 * KV engine, and the versions of the Transit key that could open a copy of them. Only a trim is
 * final: a minimum alone can be lowered again.
 *
 * @since 0.1
 */
public final class VaultErasure implements KeysetErasure {

  private static final byte[] NOTHING_SECRET = "retained".getBytes(US_ASCII);

  private final VaultConnection connection;
  private final VaultKeysetStore store;
  private final String mount;
  private final String transitMount;

  /**
   * @param store keeps the documents, in the KV engine at {@code mount}
   * @param transitMount the Transit engine's mount
   */
  public VaultErasure(
      VaultConnection connection, VaultKeysetStore store, String mount, String transitMount) {
    this.connection = connection;
    this.store = store;
    this.mount = mount;
    this.transitMount = transitMount;
  }

  @Override
  public String fence(KeysetId keyset, byte[] wrapped) {
    int stored = version(wrapped);
    TransitKey key = key(keyset);
    TransitVersions versions = versions(keyset);
    if (newestVersion(key) <= stored) {
      if (!versions.rotate()) {
        throw new OperatorNeededException(
            "The Transit key %s needs a new version, for the document without the key"
                .formatted(key),
            List.of(command("write", "-f " + versions.path() + "/rotate")));
      }
      if (newestVersion(key) <= stored) {
        throw new StoreUnavailableException(
            "%s made a new version of the Transit key %s, but does not use it"
                .formatted(connection, key),
            "A node is behind: try again.");
      }
    }
    return retained(key, stored);
  }

  private static int newestVersion(TransitKey key) {
    return TransitVersions.of(key.encrypt(NOTHING_SECRET, NOTHING_SECRET));
  }

  private static String retained(TransitKey key, int version) {
    String ciphertext = key.encryptUnder(version, NOTHING_SECRET, NOTHING_SECRET);
    try {
      key.decrypt(ciphertext, NOTHING_SECRET);
    } catch (GeneralSecurityException ex) {
      throw new LatchkeyException(
          "The Transit key %s does not open what its version %d encrypted".formatted(key, version),
          "Look into the server's log.",
          ex);
    }
    return ciphertext;
  }

  @Override
  public boolean isBeyond(String retained, byte[] wrapped) {
    return version(wrapped) > TransitVersions.of(retained);
  }

  @Override
  public Erased erase(KeysetId keyset, Fence fence, boolean onTrust) {
    DocumentHistory history = new DocumentHistory(connection, mount, store.path(keyset));
    TransitKey key = key(keyset);
    int first = TransitVersions.of(fence.retained()) + 1;
    DestroyVersions destroyed = new DestroyVersions(history, fence.generation(), this::command);
    RaiseMinimumVersion raised =
        new RaiseMinimumVersion(
            versions(keyset),
            first,
            () -> refuses(key, fence.retained()) && refusesVersion(key, first - 1),
            this::command);
    TrimVersions trimmed = new TrimVersions(versions(keyset), first, onTrust, this::command);
    new OperatorSteps(connection.toString()).take(List.of(destroyed, raised, trimmed));
    if (!refuses(key, fence.retained())) {
      throw new LatchkeyException(
          "The Transit key %s opens again what its version %d encrypted".formatted(key, first - 1),
          "Somebody lowered its minimum version: see the server's audit log, and ask again.");
    }
    return Erased.from(
        List.of(
            destroyed.evidence(),
            trimmed.evidence(),
            "A ciphertext that version %d of %s made before is refused as too old."
                .formatted(first - 1, key)),
        "backups and snapshots of the server from before, and what was copied out of it",
        "nodes of a cluster that are cut off, until they have followed");
  }

  private static boolean refuses(TransitKey key, String retained) {
    return key.refusesAsTooOld(retained, NOTHING_SECRET);
  }

  /** A trim wants this minimum, too. */
  private static boolean refusesVersion(TransitKey key, int version) {
    return key.refusesToEncryptUnder(version, NOTHING_SECRET, NOTHING_SECRET);
  }

  private static int version(byte[] wrapped) {
    return TransitVersions.of(new String(wrapped, US_ASCII));
  }

  private TransitKey key(KeysetId keyset) {
    return new TransitKey(connection, transitMount, TransitKeyEncryptionKeys.name(keyset));
  }

  private TransitVersions versions(KeysetId keyset) {
    return new TransitVersions(
        connection, transitMount + "/keys/" + TransitKeyEncryptionKeys.name(keyset));
  }

  /** As it can be pasted into a shell. */
  private String command(String verb, String rest) {
    String namespace = connection.address().namespace();
    return "vault %s %s%s"
        .formatted(verb, namespace == null ? "" : "-namespace=" + namespace + " ", rest);
  }
}
