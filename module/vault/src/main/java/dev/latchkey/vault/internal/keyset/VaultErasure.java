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
 * Erases destroyed keys from Vault: the versions of the keyset document that contain them, and the
 * versions of the Transit key that can decrypt copies of those. Only trimming the Transit key is
 * permanent, because an operator can lower its minimum version again.
 */
public final class VaultErasure implements KeysetErasure {

  private static final byte[] NOTHING_SECRET = "retained".getBytes(US_ASCII);

  private final VaultConnection connection;
  private final VaultKeysetStore store;
  private final String mount;
  private final String transitMount;

  /**
   * @param store stores the documents, in the KV engine at {@code mount}
   * @param transitMount mount of the Transit engine
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
            "The Transit key %s needs a new version to encrypt the document without the destroyed key"
                .formatted(key),
            List.of(connection.address().command("write", "-f " + versions.path() + "/rotate")));
      }
      if (newestVersion(key) <= stored) {
        throw new StoreUnavailableException(
            "%s created a new version of the Transit key %s but does not use it yet"
                .formatted(connection, key),
            "A standby lags. Try again.");
      }
    }
    return retained(key, stored);
  }

  private static int newestVersion(TransitKey key) {
    return TransitVersions.of(key.encrypt(NOTHING_SECRET, NOTHING_SECRET));
  }

  /** A ciphertext of the old version, which must be rejected once that version is erased. */
  private static String retained(TransitKey key, int version) {
    String ciphertext = key.encryptWith(version, NOTHING_SECRET, NOTHING_SECRET);
    try {
      key.decrypt(ciphertext, NOTHING_SECRET);
    } catch (GeneralSecurityException ex) {
      throw new LatchkeyException(
          "The Transit key %s cannot decrypt what its version %d encrypted".formatted(key, version),
          "Check the server's log.",
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
    TransitKey key = key(keyset);
    int first = TransitVersions.of(fence.retained()) + 1;
    DestroyVersions destroy =
        new DestroyVersions(connection, mount, store.path(keyset), fence.generation());
    RaiseMinimumVersion raise =
        new RaiseMinimumVersion(
            versions(keyset),
            first,
            () -> rejects(key, fence.retained()) && rejectsVersion(key, first - 1));
    TrimVersions trim = new TrimVersions(versions(keyset), first, onTrust);
    OperatorStep.performAll(List.of(destroy, raise, trim), connection);
    if (!rejects(key, fence.retained())) {
      throw new LatchkeyException(
          "The Transit key %s decrypts what its version %d encrypted again"
              .formatted(key, first - 1),
          "An operator lowered its minimum version. Check the server's audit log, and try again.");
    }
    return Erased.from(
        List.of(
            destroy.evidence(),
            trim.evidence(),
            "A ciphertext of version %d of %s is rejected as too old.".formatted(first - 1, key)),
        "backups and snapshots of the server from before, and copies made of it",
        "cluster nodes that are cut off, until they have caught up");
  }

  private static boolean rejects(TransitKey key, String retained) {
    return key.rejectsAsTooOld(retained, NOTHING_SECRET);
  }

  /** Trimming requires the minimum version for encryption, too. */
  private static boolean rejectsVersion(TransitKey key, int version) {
    return key.rejectsEncryptionWith(version, NOTHING_SECRET, NOTHING_SECRET);
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
}
