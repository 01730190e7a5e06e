package dev.latchkey.vault.autoconfigure;

import dev.latchkey.rotation.KeysetDefinition;
import dev.latchkey.store.StorePolicies;
import dev.latchkey.vault.Policies;
import dev.latchkey.vault.VaultSecretSource;
import java.util.Collection;
import java.util.Map;

/** Renders the Vault policies that belong to the running application. */
record RenderedPolicies(VaultStoreProperties store, VaultSecretSource secrets)
    implements StorePolicies {

  @Override
  public Map<String, String> texts(Collection<KeysetDefinition> keysets) {
    return new Policies(
            store.mount(),
            store.path(),
            store.transitMount(),
            keysets.stream().map(RenderedPolicies::keyset).toList(),
            secrets.needed())
        .texts();
  }

  private static Policies.Keyset keyset(KeysetDefinition definition) {
    return new Policies.Keyset(
        definition.id(),
        definition.access(),
        definition.template().family().hasPublicKeys(),
        definition.createIfAbsent());
  }
}
