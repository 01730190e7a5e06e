package dev.latchkey.vault.autoconfigure;

import dev.latchkey.store.StorePolicies;
import dev.latchkey.vault.Policies;
import dev.latchkey.vault.VaultSecretSource;
import java.util.Collection;
import java.util.Map;

/** Renders the Vault policies that belong to the running application. */
record RenderedPolicies(VaultStoreProperties store, VaultSecretSource secrets)
    implements StorePolicies {

  @Override
  public Map<String, String> texts(Collection<Keyset> keysets) {
    return new Policies(
            store.mount(),
            store.path(),
            store.transitMount(),
            keysets.stream()
                .map(
                    each ->
                        new Policies.Keyset(
                            each.id(), each.access(), each.publicKeys(), each.createIfAbsent()))
                .toList(),
            secrets.needed())
        .texts();
  }
}
