package dev.latchkey.vault.internal.client;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.AppenderBase;
import com.google.crypto.tink.Aead;
import dev.latchkey.LatchkeyException;
import dev.latchkey.key.KeysetId;
import dev.latchkey.test.BaoServer;
import dev.latchkey.vault.internal.keyset.TransitKeyEncryptionKeys;
import dev.latchkey.vault.internal.keyset.VaultKeysetStore;
import dev.latchkey.vault.internal.secret.VaultSecretSource;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicReference;
import java.util.logging.LogManager;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;
import org.slf4j.bridge.SLF4JBridgeHandler;
import org.springframework.http.client.JdkClientHttpRequestFactory;
import org.springframework.vault.authentication.ClientAuthentication;
import org.springframework.vault.client.VaultClients;
import org.springframework.vault.client.VaultEndpoint;
import org.springframework.vault.support.VaultToken;
import org.springframework.web.client.RestOperations;
import org.springframework.web.client.RestTemplate;

/** Every log at its lowest level, in search of what nobody may ever read there. */
final class VaultLeakIntegrationTests {

  private static final KeysetId ORDERS = new KeysetId("shop", "orders");
  private static final String SECRET = "canary-secret-5f21";
  private static final String DOCUMENT = "canary-document-8c07";
  private static final String BRIDGED = "a line of java.util.logging";
  private static final byte[] PLAINTEXT = "canary-plaintext-aa93".getBytes(UTF_8);
  private static final byte[] BOUND = "canary-bound-77d0".getBytes(UTF_8);

  private final Logger root =
      ((LoggerContext) LoggerFactory.getILoggerFactory()).getLogger(Logger.ROOT_LOGGER_NAME);
  private final java.util.logging.Logger julRoot = LogManager.getLogManager().getLogger("");
  private final Level level = root.getLevel();
  private final java.util.logging.Level julLevel = julRoot.getLevel();
  private final List<Appender<ILoggingEvent>> appenders = new ArrayList<>();
  private final Recorder recorder = new Recorder();

  @BeforeEach
  void recordEverything() {
    root.iteratorForAppenders().forEachRemaining(appenders::add);
    appenders.forEach(root::detachAppender);
    recorder.setContext(root.getLoggerContext());
    recorder.start();
    root.addAppender(recorder);
    root.setLevel(Level.TRACE);
    SLF4JBridgeHandler.install();
    julRoot.setLevel(java.util.logging.Level.ALL);
    java.util.logging.Logger.getLogger("bridged").finest(BRIDGED);
  }

  @AfterEach
  void stopRecording() {
    root.detachAppender(recorder);
    appenders.forEach(root::addAppender);
    root.setLevel(level);
    SLF4JBridgeHandler.uninstall();
    julRoot.setLevel(julLevel);
  }

  @Test
  void writesNoSecretIntoAnyLogOrException() {
    StringWriter exceptions = new StringWriter();
    try (BaoServer server = BaoServer.start()) {
      server.post("sys/mounts/transit", Map.of("type", "transit"));
      server.post("secret/data/app/db", Map.of("data", Map.of("password", SECRET)));
      String token =
          server.token(
              server.policy(
                  """
                  path "secret/data/app/*" { capabilities = ["create", "read", "update"] }
                  path "secret/data/latchkey/*" { capabilities = ["create", "read", "update"] }
                  path "transit/*" { capabilities = ["update"] }
                  """));
      VaultConnection connection = VaultTestConnection.to(server.uri(), token);
      String ciphertext = use(connection);

      attempt(exceptions, () -> new VaultSecretSource(connection).read("secret/denied", null));
      server.post("auth/token/revoke", Map.of("token", token));
      attempt(exceptions, () -> use(connection));
      VaultConnection other = VaultTestConnection.root(server);
      use(other);
      attempt(
          exceptions,
          () -> new VaultKeysetStore(other, "secret", "latchkey").save(ORDERS, DOCUMENT, 0));
      server.pause();
      attempt(exceptions, () -> use(other));
      server.resume();
      server.seal();
      attempt(exceptions, () -> use(other));
      server.unseal();
      use(other);
      server.close();
      attempt(exceptions, () -> use(other));

      assertThat(exceptions.toString().split("LatchkeyException|StoreUnavailableException"))
          .hasSizeGreaterThan(5);
      assertNowhere(exceptions.toString(), token, server.rootToken(), ciphertext);
      assertNowhere(recorder.text(), token, server.rootToken(), ciphertext);
      assertThat(recorder.text()).contains("HTTP GET", "Response 200", BRIDGED);
    }
  }

  @Test
  void writesNoCredentialOfALoginIntoAnyLog() {
    BaoServer server = BaoServer.shared();
    VaultTestConnection.AppRole role =
        VaultTestConnection.appRole(server, "path \"secret/*\" { capabilities = [\"read\"] }");
    AtomicReference<String> token = new AtomicReference<>("");
    VaultConnection connection =
        VaultConnection.to(
            VaultTestConnection.settings(server.uri()),
            operations -> {
              ClientAuthentication authentication = role.apply(operations);
              return () -> {
                VaultToken login = authentication.login();
                token.set(login.getToken());
                return login;
              };
            });

    connection.get("auth/token/lookup-self");
    connection.close();

    assertThat(token.get()).isNotEmpty();
    assertThat(recorder.text()).contains("HTTP POST").doesNotContain(role.secretId(), token.get());
  }

  @Test
  void wouldSeeALeakIfThereWereOne() {
    BaoServer server = BaoServer.shared();
    RestOperations plain =
        VaultClients.createRestTemplate(
            VaultEndpoint.from(server.uri()), new JdkClientHttpRequestFactory());
    assertThat(plain).isInstanceOf(RestTemplate.class);

    assertThatThrownBy(
            () -> plain.postForObject("auth/approle/login", Map.of("x", SECRET), Map.class))
        .isNotNull();

    assertThat(recorder.text()).contains(SECRET);
  }

  private static String use(VaultConnection connection) {
    VaultKeysetStore store = new VaultKeysetStore(connection, "secret", "latchkey");
    VaultSecretSource source = new VaultSecretSource(connection);
    TransitKeyEncryptionKeys keys = new TransitKeyEncryptionKeys(connection, "transit");
    long generation = store.load(ORDERS).map(it -> it.generation()).orElse(0L);
    store.save(ORDERS, DOCUMENT, generation);
    long version = source.read("secret/app/db", null).orElseThrow().version();
    source.write("secret/app/db", Map.of("password", SECRET), version);
    keys.createIfAbsent(ORDERS);
    Aead aead = keys.forKeyset(ORDERS);
    try {
      byte[] ciphertext = aead.encrypt(PLAINTEXT, BOUND);
      assertThat(aead.decrypt(ciphertext, BOUND)).isEqualTo(PLAINTEXT);
      return new String(ciphertext, US_ASCII);
    } catch (GeneralSecurityException ex) {
      throw new AssertionError(ex);
    }
  }

  private static void attempt(StringWriter exceptions, Runnable call) {
    assertThatThrownBy(call::run)
        .isInstanceOf(LatchkeyException.class)
        .satisfies(
            failure -> {
              failure.printStackTrace(new PrintWriter(exceptions));
              exceptions.append(((LatchkeyException) failure).action());
            });
  }

  private static void assertNowhere(String text, String... more) {
    assertThat(text)
        .doesNotContain(SECRET, DOCUMENT, new String(PLAINTEXT, UTF_8), new String(BOUND, UTF_8))
        .doesNotContain(base64(PLAINTEXT), base64(BOUND))
        .doesNotContain(List.of(more));
  }

  private static String base64(byte[] bytes) {
    return Base64.getEncoder().encodeToString(bytes);
  }

  private static final class Recorder extends AppenderBase<ILoggingEvent> {

    private final Queue<String> events = new ConcurrentLinkedQueue<>();

    @Override
    protected void append(ILoggingEvent event) {
      events.add(
          event.getLoggerName()
              + " "
              + event.getFormattedMessage()
              + Arrays.toString(event.getArgumentArray())
              + event.getMDCPropertyMap()
              + (event.getThrowableProxy() == null
                  ? ""
                  : ThrowableProxyUtil.asString(event.getThrowableProxy())));
    }

    String text() {
      return String.join("\n", events);
    }
  }
}
