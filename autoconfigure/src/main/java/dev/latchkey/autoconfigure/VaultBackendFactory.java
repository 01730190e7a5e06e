package dev.latchkey.autoconfigure;

import static dev.latchkey.autoconfigure.LatchkeyVaultProperties.PREFIX;

import dev.latchkey.LatchkeyException;
import dev.latchkey.vault.GivenTokenAuthentication;
import dev.latchkey.vault.TransitKeyEncryptionKeys;
import dev.latchkey.vault.VaultConnection;
import dev.latchkey.vault.VaultKeysetStore;
import dev.latchkey.vault.VaultSecretSource;
import dev.latchkey.vault.VaultSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.autoconfigure.ssl.JksSslBundleProperties;
import org.springframework.boot.autoconfigure.ssl.PemSslBundleProperties;
import org.springframework.boot.autoconfigure.ssl.PropertiesSslBundle;
import org.springframework.boot.context.properties.bind.BindResult;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.convert.DurationStyle;
import org.springframework.boot.ssl.SslBundle;
import org.springframework.core.NestedExceptionUtils;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.util.StringUtils;
import org.springframework.vault.authentication.ClientAuthentication;

/** Connects look-ups and keysets to Vault: one connection, one login. Sends nothing by itself. */
final class VaultBackendFactory {

  private static final Duration LONGEST_PROOF_INTERVAL = Duration.ofMinutes(10);

  private final ConfigurableEnvironment environment;
  private final LatchkeyStoreProperties.Vault store;

  VaultBackendFactory(ConfigurableEnvironment environment, LatchkeyStoreProperties.Vault store) {
    this.environment = environment;
    this.store = store;
  }

  Backend create() {
    LatchkeyVaultProperties properties =
        Binder.get(environment).bindOrCreate(PREFIX, LatchkeyVaultProperties.class);
    VaultSettings settings = settings(properties);
    ClientAuthentication authentication = authentication(properties);
    VaultConnection connection = VaultConnection.to(settings, operations -> authentication);
    VaultKeysetStore keysets = new VaultKeysetStore(connection, store.mount(), store.path());
    return new Backend(
        "vault",
        keysets,
        keysets.counters(),
        new TransitKeyEncryptionKeys(connection, store.transitMount()),
        new VaultSecretSource(connection),
        connection::close);
  }

  private VaultSettings settings(LatchkeyVaultProperties properties) {
    if (!StringUtils.hasText(properties.uri())) {
      throw new LatchkeyException(
          "latchkey.vault.uri is not set, which latchkey.store.type=vault needs",
          "Set it to the server's address, such as https://vault.example.org:8200.");
    }
    return new VaultSettings(
        properties.uri(),
        properties.allowPlainHttp(),
        StringUtils.hasText(properties.namespace()) ? properties.namespace() : null,
        sslBundle(properties.ssl().bundle()),
        properties.connectTimeout(),
        properties.readTimeout(),
        proofInterval());
  }

  /** A small part of what may pass before an instance is stale. */
  private Duration proofInterval() {
    Duration share =
        Binder.get(environment)
            .bind("latchkey.rotation.max-staleness", Duration.class)
            .orElse(DurationStyle.SIMPLE.parse(LatchkeyProperties.Rotation.DEFAULT_MAX_STALENESS))
            .dividedBy(8);
    return share.compareTo(LONGEST_PROOF_INTERVAL) < 0 ? share : LONGEST_PROOF_INTERVAL;
  }

  /** Chooses how to log in; each further method of Spring Vault is one more case. */
  private ClientAuthentication authentication(LatchkeyVaultProperties properties) {
    return switch (properties.authentication()) {
      case TOKEN -> token(properties);
    };
  }

  private ClientAuthentication token(LatchkeyVaultProperties properties) {
    String token = properties.token();
    String file = properties.tokenFile();
    if (StringUtils.hasText(token) && StringUtils.hasText(file)) {
      throw new LatchkeyException(
          "Both latchkey.vault.token and latchkey.vault.token-file are set",
          "Keep one of them, better the file.");
    }
    if (StringUtils.hasText(file)) {
      return GivenTokenAuthentication.inFile(Path.of(file));
    }
    if (!StringUtils.hasText(token)) {
      throw new LatchkeyException(
          "There is no token to log in to Vault with",
          "Set latchkey.vault.token-file to a file that holds one, or the environment variable"
              + " LATCHKEY_VAULT_TOKEN.");
    }
    new CredentialOrigins(environment)
        .check(PREFIX + ".token", properties.requireExternalCredentials());
    return GivenTokenAuthentication.of(token);
  }

  /** No beans exist yet when look-ups need it, so the bundle is made from its properties. */
  private @Nullable SslBundle sslBundle(@Nullable String name) {
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
        "There is no SSL bundle '%s', which latchkey.vault.ssl.bundle names".formatted(name),
        ("Define it, such as spring.ssl.bundle.pem.%s.truststore.certificate=file:/etc/ssl/vault.pem,"
                + " or correct the name.")
            .formatted(name));
  }

  /** A bundle reads its files when it is first used: use it here, where its name is known. */
  private static SslBundle loaded(String name, Supplier<SslBundle> source) {
    try {
      SslBundle bundle = source.get();
      bundle.createSslContext();
      return bundle;
    } catch (RuntimeException ex) {
      throw new LatchkeyException(
          "The SSL bundle '%s', which latchkey.vault.ssl.bundle names, cannot be loaded: %s"
              .formatted(name, NestedExceptionUtils.getMostSpecificCause(ex).getMessage()),
          "Check the files and passwords under spring.ssl.bundle for it.",
          ex);
    }
  }
}
