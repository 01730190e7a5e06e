package dev.latchkey.vault.internal.keyset;

import com.google.crypto.tink.Aead;
import dev.latchkey.key.KeysetId;
import dev.latchkey.key.document.KeyEncryptionKeys;
import dev.latchkey.vault.internal.client.VaultConnection;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Key-encryption keys that never leave the server's Transit engine: one per keyset, since raising
 * the minimum version of one must not close another.
 *
 * @since 0.1
 */
public final class TransitKeyEncryptionKeys implements KeyEncryptionKeys {

  private final VaultConnection connection;
  private final String mount;
  private final Map<KeysetId, TransitAead> keys = new ConcurrentHashMap<>();

  /** Uses the Transit engine at this mount, such as {@code transit}. */
  public TransitKeyEncryptionKeys(VaultConnection connection, String mount) {
    this.connection = connection;
    this.mount = mount;
  }

  @Override
  public Aead forKeyset(KeysetId keyset) {
    return key(keyset);
  }

  @Override
  public void createIfAbsent(KeysetId keyset) {
    key(keyset).createIfAbsent();
  }

  @Override
  public Optional<Aead> named(String name) {
    return Optional.of(new TransitAead(new TransitKey(connection, mount, name)));
  }

  private TransitAead key(KeysetId keyset) {
    return keys.computeIfAbsent(
        keyset, it -> new TransitAead(new TransitKey(connection, mount, name(it))));
  }

  /** Dots join the parts, since owners and keysets hold dashes. */
  public static String name(KeysetId keyset) {
    return "latchkey." + keyset.owner() + "." + keyset.name();
  }
}
