package dev.latchkey.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.latchkey.client.RotatingCredentials;
import dev.latchkey.secret.RotatingSecret;
import dev.latchkey.secret.rotating.internal.RotatingSecrets;
import dev.latchkey.store.Backend;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.errors.SaslAuthenticationException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.kafka.autoconfigure.KafkaConnectionDetails;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.kafka.annotation.KafkaListener;
import org.springframework.kafka.core.KafkaTemplate;
import org.springframework.kafka.core.ProducerFactory;

/** A real Kafka server, whose users are made, changed and deleted under load. */
@ExtendWith(OutputCaptureExtension.class)
final class KafkaSecretIntegrationTests {

  private static final Duration REAUTHENTICATION = Duration.ofSeconds(2);

  /** A refusal, the answer of the store, and a listener that joins its group again. */
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  @TempDir private static Path directory;

  @SuppressWarnings("NullAway.Init")
  private static KafkaServer server;

  @BeforeAll
  static void start() throws Exception {
    server = KafkaServer.start(directory, REAUTHENTICATION);
    server.putUser("user1", "first");
  }

  @AfterAll
  static void stop() throws IOException {
    server.close();
  }

  @Test
  void losesNoRecordWhenPasswordAndUserChange() throws Exception {
    server.putUser("user1", "first");
    try (ConfigurableApplicationContext application = application(Application.class)) {
      assertThat(server.partitions("orders")).as("made by the admin client").isEqualTo(3);
      Load load = new Load(application);

      server.putUser("user1", "second");
      rotate(application, "user1", "second");
      load.awaitLogin();

      server.putUser("user2", "third");
      rotate(application, "user2", "third");
      server.deleteUser("user1");
      load.awaitRefusal(); // no connection may change its user
      load.awaitLogin();

      server.putUser("user2", "fourth");
      load.awaitRefusal();
      write(application, "user2", "fourth");
      load.awaitLogin();

      load.stop();
    }
  }

  @Test
  void readsTheSecretWhenItIsTheFirstLogin() throws Exception {
    server.putUser("user1", "first");
    try (ConfigurableApplicationContext application = application(Sender.class)) {
      server.putUser("user1", "changed meanwhile");
      write(application, "user1", "changed meanwhile");

      send(application);
    }
  }

  @Test
  void logsInWhenTheMechanismIsPlain() throws Exception {
    try (ConfigurableApplicationContext application =
        application(Sender.class, "spring.kafka.properties.sasl.mechanism=PLAIN")) {
      rotate(application, KafkaServer.PLAIN_USER, KafkaServer.PLAIN_PASSWORD);

      send(application);
    }
  }

  private static RotatingSecret secret(ConfigurableApplicationContext application) {
    return application.getBean(RotatingSecrets.class).get("broker");
  }

  private static Map<String, Object> configuration(RotatingSecret secret) {
    return RotatingKafkaCredentials.configuration(RotatingCredentials.of(secret), "SCRAM-SHA-512");
  }

  @Test
  void logsInWhenTheApplicationCreatesTheClient() throws Exception {
    server.putUser("user1", "first");
    try (ConfigurableApplicationContext application = application(Sender.class)) {
      Map<String, Object> configuration = new HashMap<>(configuration(secret(application)));
      configuration.put("bootstrap.servers", server.address());
      configuration.put("security.protocol", "SASL_PLAINTEXT");
      configuration.put("sasl.mechanism", "SCRAM-SHA-512");
      try (Admin admin = Admin.create(configuration)) {
        assertThat(admin.describeCluster().nodes().get(30, TimeUnit.SECONDS)).hasSize(1);
      }
    }
  }

  @Test
  void readsNoSecretWhenTheDetailsOfAContainerWin() throws Exception {
    try (ConfigurableApplicationContext application = application(Contained.class)) {
      send(application);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "false"})
  void isSwitchedOff(String secret) throws Exception {
    try (ConfigurableApplicationContext application =
        application(
            Sender.class,
            "latchkey.kafka.secret=" + secret,
            "spring.kafka.security.protocol=PLAINTEXT",
            "spring.kafka.bootstrap-servers=" + server.openAddress())) {
      send(application);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"SCRAM-SHA-512", "PLAIN"})
  void writesNoPasswordIntoTheLog(String mechanism, CapturedOutput output) throws Exception {
    server.putUser(KafkaServer.PLAIN_USER, KafkaServer.PLAIN_PASSWORD);
    try (ConfigurableApplicationContext application =
        application(
            Sender.class,
            "logging.level.root=TRACE",
            "spring.kafka.properties.sasl.mechanism=" + mechanism)) {
      rotate(application, KafkaServer.PLAIN_USER, "wrong-password");
      assertThatThrownBy(() -> send(application))
          .hasRootCauseInstanceOf(SaslAuthenticationException.class);
      rotate(application, KafkaServer.PLAIN_USER, KafkaServer.PLAIN_PASSWORD);
      application.getBean(ProducerFactory.class).reset();
      send(application);
    }
    assertThat(output.getAll()).contains(" TRACE ", "SaslAuthenticationException");
    for (String password : List.of("wrong-password", KafkaServer.PLAIN_PASSWORD)) {
      assertThat(output.getAll()).doesNotContain(password, encoded(password), bytes(password));
    }
  }

  private static String encoded(String password) {
    return Base64.getEncoder().encodeToString(password.getBytes());
  }

  private static String bytes(String password) {
    return Arrays.toString(password.getBytes()).replaceAll("[\\[\\]]", "");
  }

  private static ConfigurableApplicationContext application(
      Class<?> configuration, String... properties) {
    return new SpringApplicationBuilder(configuration)
        .properties(
            "latchkey.store.type=memory",
            "latchkey.refresh.interval=1h",
            "latchkey.secrets.broker.reference=vault@secret/broker",
            "latchkey.kafka.secret=broker",
            "spring.kafka.bootstrap-servers=" + server.address(),
            "spring.kafka.security.protocol=SASL_PLAINTEXT",
            "spring.kafka.properties.sasl.mechanism=SCRAM-SHA-512",
            "spring.kafka.properties.metadata.recovery.strategy=none",
            "spring.kafka.consumer.group-id=test",
            "spring.kafka.consumer.auto-offset-reset=earliest")
        .properties(properties)
        .run();
  }

  private static void send(ConfigurableApplicationContext application) throws Exception {
    application.getBean(KafkaTemplate.class).send("sent", "record").get(30, TimeUnit.SECONDS);
  }

  private static void rotate(
      ConfigurableApplicationContext application, String user, String password) {
    write(application, user, password);
    assertThat(secret(application).refresh(Duration.ofSeconds(10))).isTrue();
  }

  private static void write(
      ConfigurableApplicationContext application, String user, String password) {
    long version = secret(application).current().version();
    application
        .getBean(Backend.class)
        .secrets()
        .write("secret/broker", credentials(user, password), version);
  }

  private static Map<String, @Nullable Object> credentials(String user, String password) {
    return new TreeMap<>(Map.of("username", user, "password", password));
  }

  /** Sends numbers all the time. */
  private static final class Load {

    private final ScheduledExecutorService executor = Executors.newScheduledThreadPool(1);
    private final AtomicInteger sent = new AtomicInteger();
    private final List<Throwable> failures = new CopyOnWriteArrayList<>();
    private final KafkaTemplate<String, String> template;
    private final Received received;

    @SuppressWarnings("unchecked")
    Load(ConfigurableApplicationContext application) {
      this.template = application.getBean(KafkaTemplate.class);
      this.received = application.getBean(Received.class);
      executor.scheduleAtFixedRate(this::send, 0, 5, TimeUnit.MILLISECONDS);
      await().atMost(PATIENCE).until(() -> !received.numbers.isEmpty());
    }

    private void send() {
      try {
        template
            .send("orders", String.valueOf(sent.incrementAndGet()))
            .whenComplete(
                (result, failure) -> {
                  if (failure != null) {
                    failures.add(failure);
                  }
                });
      } catch (RuntimeException ex) {
        failures.add(ex);
      }
    }

    /** With what the secret holds now; and what was sent since then arrives. */
    void awaitLogin() {
      awaitMore("successful-");
      int last = sent.get();
      await().atMost(PATIENCE).until(() -> received.numbers.contains(String.valueOf(last)));
    }

    void awaitRefusal() {
      awaitMore("failed-");
    }

    private void awaitMore(String logins) {
      double before = count(logins);
      await().atMost(PATIENCE).until(() -> count(logins) > before);
    }

    private double count(String logins) {
      return metric(logins + "authentication-total") + metric(logins + "reauthentication-total");
    }

    private double metric(String name) {
      return template.metrics().entrySet().stream()
          .filter(each -> each.getKey().name().equals(name))
          .mapToDouble(each -> (double) each.getValue().metricValue())
          .sum();
    }

    void stop() throws InterruptedException {
      executor.shutdown();
      assertThat(executor.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
      await().atMost(PATIENCE).until(() -> received.numbers.size() == sent.get());
      assertThat(failures).isEmpty();
    }
  }

  static final class Received {

    private final Set<String> numbers = ConcurrentHashMap.newKeySet();

    @KafkaListener(topics = "orders")
    void receive(String number) {
      numbers.add(number);
    }
  }

  @Configuration(proxyBeanMethods = false)
  @EnableAutoConfiguration
  static class Sender {

    @Bean
    Backend backend(ConfigurableEnvironment environment) {
      Backend backend = Backend.create(environment);
      backend.secrets().write("secret/broker", credentials("user1", "first"), 0);
      return backend;
    }
  }

  @Configuration(proxyBeanMethods = false)
  @Import(Sender.class)
  static class Application {

    @Bean
    NewTopic orders() {
      return new NewTopic("orders", 3, (short) 1);
    }

    @Bean
    Received received() {
      return new Received();
    }
  }

  @Configuration(proxyBeanMethods = false)
  @Import(Sender.class)
  static class Contained {

    @Bean
    KafkaConnectionDetails details() {
      return new KafkaConnectionDetails() {

        @Override
        public List<String> getBootstrapServers() {
          return List.of(server.openAddress());
        }

        @Override
        public String getSecurityProtocol() {
          return "PLAINTEXT";
        }
      };
    }
  }
}
