package dev.latchkey.store;

import dev.latchkey.key.document.KeyEncryptionKeys;
import dev.latchkey.key.document.KeysetErasure;
import dev.latchkey.key.document.KeysetStore;
import dev.latchkey.secret.SecretSource;
import java.time.Clock;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.bootstrap.BootstrapContext;
import org.springframework.core.env.ConfigurableEnvironment;

/**
 * The open store of an application. There is one per application, opened on first need and shared
 * between lookups and keysets, so that there is one login and one open store.
 *
 * @param type its name, as in {@code latchkey.store.type}
 * @param shared whether several processes use it at once
 * @param keysets stores the keyset documents
 * @param counters stores the usage counters, each under its keyset's id
 * @param publicHalves stores the public halves of keysets, each under its keyset's id
 * @param keyEncryptionKeys wraps the keyset documents
 * @param erasure erases older generations of keyset documents
 * @param secrets answers references
 * @param policies renders the access policies that the application needs
 * @param closer closes what is behind the others
 * @since 0.1
 */
public record Backend(
    String type,
    boolean shared,
    KeysetStore keysets,
    KeysetStore counters,
    KeysetStore publicHalves,
    KeyEncryptionKeys keyEncryptionKeys,
    KeysetErasure erasure,
    SecretSource secrets,
    StorePolicies policies,
    Runnable closer)
    implements AutoCloseable {

  /**
   * Opens the store that the environment asks for.
   *
   * @throws dev.latchkey.LatchkeyException if it asks for none, or for one that can't be opened
   */
  public static Backend create(ConfigurableEnvironment environment) {
    return create(environment, null);
  }

  /**
   * Opens the store that the environment asks for.
   *
   * @param bootstrapContext holds what the application registered before there are beans
   * @throws dev.latchkey.LatchkeyException if it asks for none, or for one that can't be opened
   */
  public static Backend create(
      ConfigurableEnvironment environment, @Nullable BootstrapContext bootstrapContext) {
    return StoreProviders.load(null)
        .open(new StoreContext(environment, Clock.systemUTC(), bootstrapContext));
  }

  @Override
  public void close() {
    closer.run();
  }
}
