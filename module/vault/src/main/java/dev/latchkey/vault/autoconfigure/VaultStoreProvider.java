package dev.latchkey.vault.autoconfigure;

import static dev.latchkey.vault.autoconfigure.LatchkeyVaultProperties.PREFIX;

import dev.latchkey.LatchkeyException;
import dev.latchkey.property.internal.EffectiveProperty;
import dev.latchkey.store.Backend;
import dev.latchkey.store.StoreContext;
import dev.latchkey.store.StoreProvider;
import dev.latchkey.vault.LoginFactory;
import dev.latchkey.vault.internal.client.VaultConnection;
import dev.latchkey.vault.internal.client.VaultSettings;
import dev.latchkey.vault.internal.keyset.TransitKeyEncryptionKeys;
import dev.latchkey.vault.internal.keyset.VaultErasure;
import dev.latchkey.vault.internal.keyset.VaultKeysetStore;
import dev.latchkey.vault.internal.login.VaultLogin;
import dev.latchkey.vault.internal.policy.VaultPolicies;
import dev.latchkey.vault.internal.secret.VaultSecretSource;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.autoconfigure.ssl.JksSslBundleProperties;
import org.springframework.boot.autoconfigure.ssl.PemSslBundleProperties;
import org.springframework.boot.autoconfigure.ssl.PropertiesSslBundle;
import org.springframework.boot.context.properties.bind.BindResult;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.ssl.SslBundle;
import org.springframework.core.NestedExceptionUtils;
import org.springframework.core.annotation.Order;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.util.StringUtils;
import org.springframework.vault.authentication.ClientAuthentication;
import org.springframework.web.client.RestOperations;

/** Connects lookups and keysets to Vault with one connection and one login. */
@Order(0)
final class VaultStoreProvider implements StoreProvider {

  private static final Duration DEFAULT_MAX_STALENESS = Duration.ofHours(12);
  private static final Duration DEFAULT_REFRESH_INTERVAL = Duration.ofSeconds(60);

  private static final Duration LONGEST_PROOF_INTERVAL = Duration.ofMinutes(10);
  private static final Duration LONGEST_PROOF_RETRY = Duration.ofSeconds(30);

  @Override
  public String type() {
    return "vault";
  }

  @Override
  public boolean isDefault(StoreContext context) {
    return EffectiveProperty.find(PREFIX + ".uri", context.environment()).isPresent();
  }

  @Override
  public Backend open(StoreContext context) {
    LatchkeyVaultProperties properties = context.bind(PREFIX, LatchkeyVaultProperties.class);
    VaultStoreProperties store =
        context.bind(VaultStoreProperties.PREFIX, VaultStoreProperties.class);
    VaultSettings settings = settings(properties, context.environment());
    VaultConnection connection = VaultConnection.to(settings, login(properties, context));
    VaultKeysetStore keysets = new VaultKeysetStore(connection, store.mount(), store.path());
    VaultSecretSource secrets = new VaultSecretSource(connection);
    return new Backend(
        type(),
        true,
        keysets,
        keysets.counters(),
        keysets.publicHalves(),
        new TransitKeyEncryptionKeys(connection, store.transitMount()),
        new VaultErasure(connection, keysets, store.mount(), store.transitMount()),
        secrets,
        new VaultPolicies(store.mount(), store.path(), store.transitMount(), secrets),
        connection::startupIsOver,
        connection::close);
  }

  /** The application's own login, if it registered one. */
  private static Function<RestOperations, ClientAuthentication> login(
      LatchkeyVaultProperties properties, StoreContext context) {
    LoginFactory registered = context.registered(LoginFactory.class);
    return registered != null
        ? registered::create
        : new VaultLogin(context, properties.ssl().bundle());
  }

  static VaultSettings settings(
      LatchkeyVaultProperties properties, ConfigurableEnvironment environment) {
    if ("".equals(environment.getProperty(PREFIX + ".uri"))) {
      throw new LatchkeyException(
          EffectiveProperty.withOrigin(
              "latchkey.vault.uri is set, but empty", PREFIX + ".uri", environment),
          "Set the variable that it refers to. To use the embedded store instead, set"
              + " latchkey.store.type=file.");
    }
    if (!StringUtils.hasText(properties.uri())) {
      throw new LatchkeyException(
          "latchkey.vault.uri is not set, but latchkey.store.type=vault requires it",
          "Set it to the server's address, such as https://vault.example.org:8200.");
    }
    Duration maxStaleness =
        duration("latchkey.rotation.max-staleness", DEFAULT_MAX_STALENESS, environment);
    Duration refreshInterval =
        duration("latchkey.refresh.interval", DEFAULT_REFRESH_INTERVAL, environment);
    return new VaultSettings(
        properties.uri(),
        properties.allowPlainHttp(),
        StringUtils.hasText(properties.namespace()) ? properties.namespace() : null,
        sslBundle(properties.ssl().bundle(), environment),
        properties.connectTimeout(),
        properties.readTimeout(),
        proofInterval(maxStaleness),
        proofRetry(refreshInterval),
        properties.retry().policy());
  }

  private static Duration duration(
      String property, Duration defaultValue, ConfigurableEnvironment environment) {
    return Binder.get(environment).bind(property, Duration.class).orElse(defaultValue);
  }

  /** A fraction of the time after which an instance becomes stale. */
  private static Duration proofInterval(Duration maxStaleness) {
    return Collections.min(List.of(maxStaleness.dividedBy(8), LONGEST_PROOF_INTERVAL));
  }

  /** Short enough for a new proof at the next refresh after an outage, whatever its jitter. */
  private static Duration proofRetry(Duration refreshInterval) {
    return Collections.min(List.of(refreshInterval.dividedBy(2), LONGEST_PROOF_RETRY));
  }

  /** Created from its properties, because lookups need the bundle before any bean exists. */
  private static @Nullable SslBundle sslBundle(
      @Nullable String name, ConfigurableEnvironment environment) {
    if (name == null) {
      return null;
    }
    Binder binder = Binder.get(environment);
    BindResult<PemSslBundleProperties> pem =
        binder.bind("spring.ssl.bundle.pem." + name, PemSslBundleProperties.class);
    BindResult<JksSslBundleProperties> jks =
        binder.bind("spring.ssl.bundle.jks." + name, JksSslBundleProperties.class);
    if (pem.isBound()) {
      return loaded(name, () -> PropertiesSslBundle.get(pem.get()));
    }
    if (jks.isBound()) {
      return loaded(name, () -> PropertiesSslBundle.get(jks.get()));
    }
    throw new LatchkeyException(
        "Invalid latchkey.vault.ssl.bundle '%s': there is no such SSL bundle".formatted(name),
        ("Define it, such as spring.ssl.bundle.pem.%s.truststore.certificate=file:/etc/ssl/vault.pem,"
                + " or correct the name.")
            .formatted(name));
  }

  /** A bundle reads its files on first use. Using it here allows an error to name the bundle. */
  private static SslBundle loaded(String name, Supplier<SslBundle> source) {
    try {
      SslBundle bundle = source.get();
      bundle.createSslContext();
      return bundle;
    } catch (RuntimeException ex) {
      throw new LatchkeyException(
          "Cannot load the SSL bundle '%s' of latchkey.vault.ssl.bundle: %s"
              .formatted(name, NestedExceptionUtils.getMostSpecificCause(ex).getMessage()),
          "Check its files and passwords under spring.ssl.bundle.",
          ex);
    }
  }
}
