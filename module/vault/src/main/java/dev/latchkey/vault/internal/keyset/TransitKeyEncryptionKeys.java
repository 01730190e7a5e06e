package dev.latchkey.vault.internal.keyset;

import com.google.crypto.tink.Aead;
import dev.latchkey.key.KeysetId;
import dev.latchkey.key.document.KeyEncryptionKeys;
import dev.latchkey.vault.internal.client.VaultConnection;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Key-encryption keys in Vault's Transit engine, one per keyset: raising the minimum version of one
 * does not affect another keyset.
 */
public final class TransitKeyEncryptionKeys implements KeyEncryptionKeys {

  private final VaultConnection connection;
  private final String mount;
  private final Map<KeysetId, TransitAead> keys = new ConcurrentHashMap<>();

  /**
   * @param mount mount of the Transit engine, such as {@code transit}
   */
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

  /** The name of a keyset's Transit key. Dots join the parts, because both can contain dashes. */
  public static String name(KeysetId keyset) {
    return "latchkey." + keyset.owner() + "." + keyset.name();
  }
}
