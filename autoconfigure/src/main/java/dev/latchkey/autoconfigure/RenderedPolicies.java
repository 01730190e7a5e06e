package dev.latchkey.autoconfigure;

import dev.latchkey.key.rotation.KeysetStatus;
import dev.latchkey.key.rotation.RotationStatus;
import dev.latchkey.vault.Policies;
import dev.latchkey.vault.PolicyLine;
import dev.latchkey.vault.VaultSecretSource;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.core.env.Environment;

/** The policies that belong to the running application; none where it keeps nothing in Vault. */
final class RenderedPolicies implements Supplier<Map<String, String>> {

  private final RotationStatus rotation;
  private final Supplier<Backend> backend;
  private final Environment environment;

  RenderedPolicies(RotationStatus rotation, Supplier<Backend> backend, Environment environment) {
    this.rotation = rotation;
    this.backend = backend;
    this.environment = environment;
  }

  @Override
  public Map<String, String> get() {
    if (!rotation.store().filter("vault"::equals).isPresent()) {
      return Map.of();
    }
    LatchkeyStoreProperties.Vault store =
        Binder.get(environment)
            .bindOrCreate("latchkey.store", LatchkeyStoreProperties.class)
            .vault();
    return new Policies(
            store.mount(),
            store.path(),
            store.transitMount(),
            rotation.keysets().values().stream().map(RenderedPolicies::keyset).toList(),
            secrets())
        .texts();
  }

  private static Policies.Keyset keyset(KeysetStatus status) {
    return new Policies.Keyset(
        status.id(),
        status.access(),
        status.template().family().hasPublicKeys(),
        status.createIfAbsent());
  }

  private List<PolicyLine> secrets() {
    return backend.get().secrets() instanceof VaultSecretSource vault ? vault.needed() : List.of();
  }
}
