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
 * The open store of an application. An application has one, opened on first need and shared by
 * lookups and keysets, so that there is one login.
 *
 * @param type type of the store, as in {@code latchkey.store.type}
 * @param shared whether several processes use it at the same time
 * @param keysets stores keyset documents
 * @param counters stores usage counters, each under the ID of its keyset
 * @param publicHalves stores public halves of keysets, each under the ID of its keyset
 * @param keyEncryptionKeys wraps keyset documents
 * @param erasure erases earlier generations of keyset documents
 * @param secrets reads secrets
 * @param policies renders the access policies that the application needs
 * @param starter called once the application has started
 * @param closer closes the store
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
    Runnable starter,
    Runnable closer)
    implements AutoCloseable {

  /** A store that behaves the same during startup and afterwards. */
  public Backend(
      String type,
      boolean shared,
      KeysetStore keysets,
      KeysetStore counters,
      KeysetStore publicHalves,
      KeyEncryptionKeys keyEncryptionKeys,
      KeysetErasure erasure,
      SecretSource secrets,
      StorePolicies policies,
      Runnable closer) {
    this(
        type,
        shared,
        keysets,
        counters,
        publicHalves,
        keyEncryptionKeys,
        erasure,
        secrets,
        policies,
        () -> {},
        closer);
  }

  /**
   * Opens the store that the environment configures.
   *
   * @throws dev.latchkey.LatchkeyException if no store is configured, or it can't be opened
   */
  public static Backend create(ConfigurableEnvironment environment) {
    return create(environment, null);
  }

  /**
   * Opens the store that the environment configures.
   *
   * @param bootstrapContext contains objects that the application registered before there were
   *     beans
   * @throws dev.latchkey.LatchkeyException if no store is configured, or it can't be opened
   */
  public static Backend create(
      ConfigurableEnvironment environment, @Nullable BootstrapContext bootstrapContext) {
    return StoreProviders.load()
        .open(new StoreContext(environment, Clock.systemUTC(), bootstrapContext));
  }

  /** Called once the application has started. */
  public void startupIsOver() {
    starter.run();
  }

  @Override
  public void close() {
    closer.run();
  }
}
