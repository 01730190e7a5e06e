package dev.latchkey.autoconfigure;

import dev.latchkey.key.document.KeyEncryptionKeys;
import dev.latchkey.key.document.KeysetErasure;
import dev.latchkey.key.document.KeysetStore;
import dev.latchkey.secret.SecretSource;
import dev.latchkey.store.file.Host;
import java.nio.file.Files;
import java.time.Clock;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.bootstrap.BootstrapContext;
import org.springframework.core.env.ConfigurableEnvironment;

/**
 * What keeps an application's keys and secrets. It is made once per application, on first need, and
 * shared between look-ups and keysets, so that there is one login and one open store.
 *
 * @param type its name, as in {@code latchkey.store.type}
 * @param keysets holds the keyset documents
 * @param counters holds the counters of uses, each under its keyset's id
 * @param publicHalves holds the public halves of keysets, each under its keyset's id
 * @param keyEncryptionKeys wraps the keyset documents
 * @param erasure erases what older generations of keyset documents hold
 * @param secrets answers references
 * @param closer closes what is behind the others
 * @since 0.1
 */
public record Backend(
    String type,
    KeysetStore keysets,
    KeysetStore counters,
    KeysetStore publicHalves,
    KeyEncryptionKeys keyEncryptionKeys,
    KeysetErasure erasure,
    SecretSource secrets,
    Runnable closer)
    implements AutoCloseable {

  /**
   * Opens the store that the environment asks for.
   *
   * @throws dev.latchkey.LatchkeyException if it asks for none, or for one that does not open
   */
  public static Backend create(ConfigurableEnvironment environment) {
    return create(environment, null);
  }

  static Backend create(
      ConfigurableEnvironment environment, @Nullable BootstrapContext bootstrapContext) {
    Host host = Host.current();
    boolean inContainer = Containers.surround(host.variables(), Files::exists);
    return new BackendFactory(environment, host, inContainer, Clock.systemUTC(), bootstrapContext)
        .create();
  }

  /** Whether several processes use it at once. */
  public boolean shared() {
    return type.equals("vault");
  }

  @Override
  public void close() {
    closer.run();
  }
}
