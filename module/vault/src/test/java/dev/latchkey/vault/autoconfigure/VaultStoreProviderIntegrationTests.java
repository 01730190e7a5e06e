package dev.latchkey.vault.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latchkey.LatchkeyException;
import dev.latchkey.StoreUnavailableException;
import dev.latchkey.key.KeysetId;
import dev.latchkey.store.Backend;
import dev.latchkey.test.BaoServer;
import dev.latchkey.test.internal.RecordingProxy;
import dev.latchkey.vault.internal.client.VaultSettings;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.Map;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.convert.DurationStyle;
import org.springframework.mock.env.MockEnvironment;

final class VaultStoreProviderIntegrationTests {

  private static final KeysetId ORDERS = new KeysetId("shop", "orders");
  private static final String PASSWORD = "changeit";

  private final BaoServer server = BaoServer.shared();
  private final String mount = server.mountKv(2);
  private final MockEnvironment environment =
      new MockEnvironment()
          .withProperty("latchkey.vault.uri", server.uri().toString())
          .withProperty("latchkey.store.vault.mount", mount);

  @Test
  void usesVaultForKeysetsAndSecrets(@TempDir Path directory) throws Exception {
    String transit = server.mountTransit();
    Path file = Files.writeString(directory.resolve("token"), server.rootToken() + "\n");
    environment
        .withProperty("latchkey.vault.token-file", file.toString())
        .withProperty("latchkey.store.vault.path", "keys")
        .withProperty("latchkey.store.vault.transit-mount", transit);

    try (Backend backend = Backend.create(environment)) {
      assertThat(backend.type()).isEqualTo("vault");
      backend.keyEncryptionKeys().createIfAbsent(ORDERS);
      backend.keysets().save(ORDERS, "text", 0);
      backend.secrets().write(mount + "/db", Map.of("x", "y"), 0);
    }

    assertThat(server.get(transit + "/keys/latchkey.shop.orders").at("/data/type").stringValue())
        .isEqualTo("aes256-gcm96");
    assertThat(server.get(mount + "/data/keys/shop/orders").isObject()).isTrue();
    assertThat(server.get(mount + "/data/db").isObject()).isTrue();
  }

  @Test
  void sendsNothingBeforeTheFirstUse() {
    try (RecordingProxy proxy = RecordingProxy.before(server);
        Backend ignored =
            Backend.create(
                environment
                    .withProperty("latchkey.vault.uri", proxy.uri().toString())
                    .withProperty("latchkey.vault.token", "token"))) {
      assertThat(proxy.requests()).isEmpty();
    }
  }

  @Test
  void trustsTheCertificatesOfTheSslBundle(@TempDir Path directory) throws Exception {
    Path store = directory.resolve("vault.p12");
    try (RecordingProxy proxy = RecordingProxy.before(server, tls(store))) {
      environment
          .withProperty("latchkey.vault.uri", proxy.uri().toString())
          .withProperty("latchkey.vault.token", server.rootToken());
      assertThatThrownBy(() -> Backend.create(environment).keysets().load(ORDERS))
          .asInstanceOf(InstanceOfAssertFactories.type(StoreUnavailableException.class))
          .satisfies(
              failure -> {
                assertThat(failure).hasMessageContaining("TLS handshake failed");
                assertThat(failure.action()).contains("latchkey.vault.ssl.bundle");
              });

      environment
          .withProperty("latchkey.vault.ssl.bundle", "vault")
          .withProperty("spring.ssl.bundle.jks.vault.truststore.location", store.toUri().toString())
          .withProperty("spring.ssl.bundle.jks.vault.truststore.password", PASSWORD);
      assertThat(Backend.create(environment).keysets().load(ORDERS)).isEmpty();

      Path pem = directory.resolve("vault.pem");
      keytool("-exportcert", "-rfc", "-keystore", store.toString(), "-file", pem.toString());
      environment
          .withProperty("latchkey.vault.ssl.bundle", "vault-pem")
          .withProperty(
              "spring.ssl.bundle.pem.vault-pem.truststore.certificate", pem.toUri().toString());
      assertThat(Backend.create(environment).keysets().load(ORDERS)).isEmpty();
    }
  }

  @Test
  void failsWhenTheSslBundleIsInvalid() {
    environment
        .withProperty("latchkey.vault.token", "token")
        .withProperty("latchkey.vault.ssl.bundle", "valut");
    fails("Invalid latchkey.vault.ssl.bundle 'valut'", "spring.ssl.bundle.pem.valut");

    environment.withProperty(
        "spring.ssl.bundle.pem.valut.truststore.certificate", "file:/nowhere/vault.pem");
    fails("Cannot load the SSL bundle 'valut' of latchkey.vault.ssl.bundle", "Check");
  }

  @Test
  void failsWhenAPropertyIsMissingOrSetTwice() {
    fails("No token is configured", "latchkey.vault.token-file");

    environment.withProperty("latchkey.vault.token", " ");
    environment.withProperty("latchkey.vault.token-file", "");
    fails("No token is configured", "latchkey.vault.token-file");

    environment.withProperty("latchkey.vault.token", "canary");
    environment.withProperty("latchkey.vault.token-file", "/run/token");
    fails("Both latchkey.vault.token and latchkey.vault.token-file are set", "without a file");

    MockEnvironment nothing = new MockEnvironment().withProperty("latchkey.store.type", "vault");
    assertThatThrownBy(() -> Backend.create(nothing))
        .isInstanceOf(LatchkeyException.class)
        .hasMessageContaining("latchkey.vault.uri is not set");
  }

  @ParameterizedTest
  @CsvSource({
    "12h, 60s, 10m, 30s",
    "8m, 60s, 1m, 30s",
    "12h, 2s, 10m, 1s",
    "12h, 1h, 10m, 30s",
  })
  void derivesTheProofIntervalsFromStalenessAndRefresh(
      String maxStaleness, String refresh, String interval, String retry) {
    environment
        .withProperty("latchkey.rotation.max-staleness", maxStaleness)
        .withProperty("latchkey.refresh.interval", refresh);
    VaultSettings settings =
        VaultStoreProvider.settings(
            Binder.get(environment).bindOrCreate("latchkey.vault", LatchkeyVaultProperties.class),
            environment);

    assertThat(settings.proofInterval()).isEqualTo(DurationStyle.SIMPLE.parse(interval));
    assertThat(settings.proofRetry()).isEqualTo(DurationStyle.SIMPLE.parse(retry));
  }

  @ParameterizedTest
  @CsvSource({
    "latchkey.store.vault.mount, ''",
    "latchkey.store.vault.mount, /secret",
    "latchkey.store.vault.path, la tch",
    "latchkey.store.vault.path, a/../b",
    "latchkey.store.vault.path, ..",
    "latchkey.store.vault.path, a/.",
    "latchkey.store.vault.path, a//b",
    "latchkey.store.vault.path, a/",
    "latchkey.store.vault.mount, ../sys",
    "latchkey.store.vault.transit-mount, a/..",
    "latchkey.store.vault.transit-mount, transit/"
  })
  void failsWhenAPathIsInvalid(String property, String value) {
    environment.withProperty("latchkey.vault.token", "canary").withProperty(property, value);

    assertThatThrownBy(() -> Backend.create(environment))
        .rootCause()
        .isInstanceOf(LatchkeyException.class)
        .hasMessage("Invalid %s '%s': expected a path".formatted(property, value));
  }

  @ParameterizedTest
  @ValueSource(strings = {"connect-timeout", "read-timeout"})
  void failsWhenATimeoutIsNotPositive(String timeout) {
    environment
        .withProperty("latchkey.vault.token", "canary")
        .withProperty("latchkey.vault." + timeout, "0s");

    assertThatThrownBy(() -> Backend.create(environment))
        .rootCause()
        .isInstanceOf(LatchkeyException.class)
        .hasMessage(
            "Invalid latchkey.vault.%s 'PT0S': expected a positive duration".formatted(timeout));
  }

  @ParameterizedTest
  @CsvSource({"attempts, 0", "multiplier, 0.5", "multiplier, NaN", "multiplier, 100.0"})
  void failsWhenTheRetrySettingsAreInvalid(String property, String value) {
    environment.withProperty("latchkey.vault.token", "canary");
    environment.withProperty("latchkey.vault.retry." + property, value);

    fails("Invalid latchkey.vault.retry.%s '%s'".formatted(property, value), "Set it to 1");
  }

  private void fails(String description, String action) {
    assertThatThrownBy(() -> Backend.create(environment))
        .asInstanceOf(InstanceOfAssertFactories.type(LatchkeyException.class))
        .satisfies(
            failure -> {
              assertThat(failure)
                  .hasMessageContaining(description)
                  .hasMessageNotContaining("canary");
              assertThat(failure.action()).contains(action);
            });
  }

  private static SSLContext tls(Path store) throws Exception {
    keytool(
        "-genkeypair",
        "-keyalg",
        "EC",
        "-alias",
        "mykey",
        "-dname",
        "CN=localhost",
        "-ext",
        "san=dns:localhost",
        "-keystore",
        store.toString());
    KeyStore keys = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(store)) {
      keys.load(in, PASSWORD.toCharArray());
    }
    KeyManagerFactory managers =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    managers.init(keys, PASSWORD.toCharArray());
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(managers.getKeyManagers(), null, null);
    return context;
  }

  private static void keytool(String... arguments) throws Exception {
    String[] command = new String[arguments.length + 3];
    command[0] = Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
    System.arraycopy(arguments, 0, command, 1, arguments.length);
    command[arguments.length + 1] = "-storepass";
    command[arguments.length + 2] = PASSWORD;
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes());
    assertThat(process.waitFor()).as(output).isZero();
  }
}
