package dev.latchkey.vault.internal.policy;

import dev.latchkey.store.StorePolicies;
import dev.latchkey.vault.internal.secret.VaultSecretSource;
import java.util.Collection;
import java.util.Map;

/**
 * Renders the Vault policies of the running application.
 *
 * @param mount mount of the KV engine that stores the keyset documents
 * @param path path of the documents in that mount
 * @param transitMount mount of the Transit engine
 * @param secrets the secrets that the application reads
 */
public record VaultPolicies(
    String mount, String path, String transitMount, VaultSecretSource secrets)
    implements StorePolicies {

  @Override
  public Map<String, String> texts(Collection<Keyset> keysets) {
    return new Policies(
            mount,
            path,
            transitMount,
            keysets.stream().map(VaultPolicies::keyset).toList(),
            secrets.needed())
        .texts();
  }

  private static Policies.Keyset keyset(Keyset keyset) {
    return new Policies.Keyset(
        keyset.id(), keyset.access(), keyset.publicKeys(), keyset.createIfAbsent());
  }
}
