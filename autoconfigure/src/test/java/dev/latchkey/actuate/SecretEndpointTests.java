package dev.latchkey.actuate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.latchkey.StoreUnavailableException;
import dev.latchkey.actuate.internal.SecretMetrics;
import dev.latchkey.annotation.RotatingKey;
import dev.latchkey.client.RotatingCredentials;
import dev.latchkey.client.SecretClient;
import dev.latchkey.secret.RotatingSecret;
import dev.latchkey.secret.SecretSource;
import dev.latchkey.secret.rotating.internal.RotatingSecrets;
import dev.latchkey.store.Backend;
import dev.latchkey.test.internal.RecordingSecretSource;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.sql.Connection;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.UUID;
import javax.management.ObjectName;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.core.env.ConfigurableEnvironment;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class SecretEndpointTests {

  private static final String CANARY = "canary-5d1f";

  private final String jmxDomain = "latchkey" + UUID.randomUUID();
  @Nullable private ConfigurableApplicationContext application;

  @BeforeEach
  void start() {
    application =
        SpringApplication.run(
            Application.class,
            "--server.port=0",
            "--latchkey.secrets.payments.reference=vault@secret/payments",
            "--latchkey.secrets.payments.max-age=10m",
            "--latchkey.secrets.orders-db.reference=vault@secret/orders-db",
            "--app.database.secret=orders-db",
            "--latchkey.store.type=memory",
            "--latchkey.refresh.interval=1h",
            "--app.mail=vault@secret/mail",
            "--management.endpoints.web.exposure.include=*",
            "--management.endpoint.health.show-details=always",
            "--management.endpoint.configprops.show-values=always",
            "--management.endpoint.env.show-values=always",
            "--management.endpoint.rotation.access=unrestricted",
            "--spring.jmx.enabled=true",
            "--management.endpoints.jmx.domain=" + jmxDomain,
            "--management.endpoints.jmx.exposure.include=rotation",
            "--spring.main.banner-mode=off");
  }

  @AfterEach
  void stop() {
    application().close();
  }

  private ConfigurableApplicationContext application() {
    if (application == null) {
      throw new IllegalStateException("Not started");
    }
    return application;
  }

  @Test
  void showsStateOfEverySecret() throws Exception {
    JsonNode rotation = get("rotation", 200);

    assertThat(rotation.at("/store/type").asString()).isEqualTo("memory");
    assertThat(rotation.at("/keysets").isEmpty()).isTrue();
    assertThat(rotation.at("/secrets").propertyNames())
        .containsExactlyInAnyOrder("payments", "secret.mail");
    JsonNode payments = get("rotation/payments", 200);
    assertThat(payments).isEqualTo(rotation.at("/secrets/payments"));
    assertThat(payments.propertyNames())
        .containsExactly("reference", "kind", "version", "times", "maxAge", "stale");
    assertThat(payments.at("/reference").asString()).isEqualTo("vault@secret/payments");
    assertThat(payments.at("/kind").asString()).isEqualTo("kv");
    assertThat(payments.at("/version").asLong()).isEqualTo(1);
    assertThat(payments.at("/maxAge").asString()).isEqualTo("PT10M");
    assertThat(payments.at("/times").propertyNames()).containsExactly("read", "confirmed");
    assertThat(Instant.parse(payments.at("/times/read").asString()))
        .isCloseTo(Instant.now(), within(1, ChronoUnit.MINUTES));
    assertThat(get("rotation/secret.mail", 200).at("/reference").asString())
        .isEqualTo("vault@secret/mail");
    get("rotation/nothing", 404);
  }

  @Test
  void readsSecretAgainWhenRotated() throws Exception {
    source().with("secret/payments", "api-key", CANARY + "2");

    JsonNode performed = post("{\"action\":\"rotate\"}", 200);

    assertThat(performed.at("/action").asString()).isEqualTo("rotate");
    assertThat(performed.at("/secret/version").asLong()).isEqualTo(2);
    assertThat(secret().get("api-key")).isEqualTo(CANARY + "2");
  }

  @Test
  void readsUnusedSecretWhenRotated() throws Exception {
    get("rotation/orders-db", 404);

    JsonNode performed = post("orders-db", "{\"action\":\"rotate\"}", 200);

    assertThat(performed.at("/secret/version").asLong()).isEqualTo(1);
    assertThat(get("rotation/orders-db", 200)).isEqualTo(performed.at("/secret"));
  }

  @Test
  void rejectsActionsThatSecretsDoNotSupport() throws Exception {
    assertThat(post("{\"action\":\"compromise\"}", 400).at("/error").asString())
        .isEqualTo("'payments' is a secret: the only supported action is \"rotate\".");
    assertThat(post("{\"action\":\"rotate\",\"key\":\"1\"}", 400).at("/error").asString())
        .isEqualTo("\"rotate\" of a secret does not accept \"key\".");
    source().failing("secret/payments", new StoreUnavailableException("The store is out", "Wait."));
    JsonNode refusal = post("{\"action\":\"rotate\"}", 503);
    assertThat(refusal.at("/error").asString()).isEqualTo("The store is out");
    assertThat(refusal.at("/fix").asString()).isEqualTo("Wait.");
    assertThat(secret().get("api-key")).isEqualTo(CANARY);
  }

  @Test
  void staysUpWithProblemWhileStoreIsUnavailable() throws Exception {
    JsonNode before = get("health", 200).at("/components/latchkey");
    assertThat(before.at("/details/payments/version").asLong()).isEqualTo(1);

    source().failing("secret/payments", new StoreUnavailableException("The store is out", "Wait."));
    secret().refresh(Duration.ofSeconds(10));

    JsonNode health = get("health", 200).at("/components/latchkey");
    assertThat(health.at("/status").asString()).isEqualTo("UP");
    assertThat(health.at("/details/payments/problem").asString())
        .isEqualTo("The store is out. Wait.");
    assertThat(get("rotation/payments", 200).at("/problem").asString())
        .isEqualTo("The store is out. Wait.");
  }

  @Test
  void countsRefreshesAndRotations() {
    SimpleMeterRegistry meters = new SimpleMeterRegistry();
    RotatingSecrets secrets = application().getBean(RotatingSecrets.class);
    new SecretMetrics(secrets, Clock.systemUTC()).bindTo(meters);
    source().with("secret/payments", "api-key", CANARY + "2");

    secret().refresh(Duration.ofSeconds(10));

    assertThat(
            meters
                .get("latchkey.secret.rotations")
                .tag("secret", "payments")
                .functionCounter()
                .count())
        .isEqualTo(1);
    assertThat(
            meters
                .get("latchkey.secret.refreshes")
                .tags("secret", "payments", "outcome", "success")
                .functionCounter()
                .count())
        .isEqualTo(1);
    assertThat(
            meters
                .get("latchkey.secret.refreshes")
                .tags("secret", "payments", "outcome", "failure")
                .functionCounter()
                .count())
        .isZero();
    assertThat(meters.get("latchkey.secret.age").tag("secret", "payments").timeGauge().value())
        .isBetween(0.0, 60.0);
    assertThat(application().getBean(SecretMetrics.class)).isNotNull();
  }

  @Test
  void addsMetersWhenASecretIsReadForTheFirstTime() {
    SimpleMeterRegistry meters = new SimpleMeterRegistry();
    RotatingSecrets secrets = application().getBean(RotatingSecrets.class);
    new SecretMetrics(secrets, Clock.systemUTC()).bindTo(meters);
    assertThat(meters.find("latchkey.secret.age").tag("secret", "orders-db").meter()).isNull();

    secrets.get("orders-db").current();

    assertThat(meters.find("latchkey.secret.age").tag("secret", "orders-db").meter()).isNotNull();
  }

  @Test
  void readsSecretAgainWhenRotatedOverJmx() throws Exception {
    source().with("secret/payments", "api-key", CANARY + "2");

    Object performed =
        ManagementFactory.getPlatformMBeanServer()
            .invoke(
                new ObjectName(jmxDomain + ":type=Endpoint,name=Rotation"),
                "perform",
                new Object[] {"payments", "rotate", null, null},
                new String[] {
                  String.class.getName(),
                  String.class.getName(),
                  String.class.getName(),
                  Boolean.class.getName()
                });

    assertThat(secret().get("api-key")).isEqualTo(CANARY + "2");
    assertThat(performed.toString()).doesNotContain(CANARY);
  }

  @Test
  void showsNoValue() throws Exception {
    source().with("secret/payments", "api-key", CANARY + "2");
    post("{\"action\":\"rotate\"}", 200);
    for (String path : new String[] {"rotation", "health", "configprops", "env", "beans"}) {
      assertThat(get(path, 200).toString()).as(path).doesNotContain(CANARY);
    }
    assertThat(get("configprops", 200).toString()).contains("\"properties\":{\"mail\":{}}");
  }

  private RecordingSecretSource source() {
    return (RecordingSecretSource) application().getBean(SecretSource.class);
  }

  private RotatingSecret secret() {
    return application().getBean("paymentsRotatingSecret", RotatingSecret.class);
  }

  private JsonNode get(String path, int status) throws Exception {
    return send(HttpRequest.newBuilder(uri(path)).GET(), status);
  }

  private JsonNode post(String body, int status) throws Exception {
    return post("payments", body, status);
  }

  private JsonNode post(String name, String body, int status) throws Exception {
    return send(
        HttpRequest.newBuilder(uri("rotation/" + name))
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body)),
        status);
  }

  private static JsonNode send(HttpRequest.Builder request, int status) throws Exception {
    HttpResponse<String> response =
        HttpClient.newHttpClient().send(request.build(), HttpResponse.BodyHandlers.ofString());
    assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
    return new JsonMapper().readTree(response.body().isEmpty() ? "null" : response.body());
  }

  private URI uri(String path) {
    int port = ((WebServerApplicationContext) application()).getWebServer().getPort();
    return URI.create("http://localhost:%d/actuator/%s".formatted(port, path));
  }

  @ConfigurationProperties("app")
  record AppProperties(RotatingSecret mail) {}

  static class PaymentService {

    PaymentService(@RotatingKey("payments") RotatingSecret payments) {}
  }

  @Configuration(proxyBeanMethods = false)
  @EnableAutoConfiguration
  @EnableConfigurationProperties(AppProperties.class)
  @Import(PaymentService.class)
  static class Application {

    @Bean
    static SecretClient<Connection> database() {
      return new SecretClient<>() {

        @Override
        public String prefix() {
          return "app.database";
        }

        @Override
        public Class<Connection> type() {
          return Connection.class;
        }

        @Override
        public void connect(Connection client, String bean, RotatingCredentials credentials) {
          throw new IllegalStateException("No connection is opened");
        }
      };
    }

    @Bean
    SecretSource source() {
      return new RecordingSecretSource()
          .with("secret/payments", "api-key", CANARY)
          .with("secret/orders-db", "password", CANARY)
          .with("secret/mail", "password", CANARY);
    }

    @Bean
    Backend backend(SecretSource source, ConfigurableEnvironment environment) {
      Backend memory = Backend.create(environment);
      return new Backend(
          memory.type(),
          memory.shared(),
          memory.keysets(),
          memory.counters(),
          memory.publicHalves(),
          memory.keyEncryptionKeys(),
          memory.erasure(),
          source,
          memory.policies(),
          memory::close);
    }
  }
}
