package dev.latchkey.rabbitmq;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.rabbitmq.client.AuthenticationFailureException;
import dev.latchkey.LatchkeyException;
import dev.latchkey.secret.RotatingSecret;
import dev.latchkey.secret.rotating.internal.RotatingSecrets;
import dev.latchkey.store.Backend;
import dev.latchkey.test.BaoServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.amqp.AmqpConnectException;
import org.springframework.amqp.core.Message;
import org.springframework.amqp.core.Queue;
import org.springframework.amqp.rabbit.annotation.RabbitListener;
import org.springframework.amqp.rabbit.connection.CachingConnectionFactory;
import org.springframework.amqp.rabbit.connection.Connection;
import org.springframework.amqp.rabbit.connection.ConnectionFactory;
import org.springframework.amqp.rabbit.connection.ConnectionListener;
import org.springframework.amqp.rabbit.core.RabbitTemplate;
import org.springframework.amqp.support.AmqpHeaders;
import org.springframework.boot.amqp.autoconfigure.RabbitConnectionDetails;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.messaging.handler.annotation.Header;
import org.springframework.messaging.handler.annotation.Payload;

/** A real RabbitMQ server, whose users are made and deleted under load. */
@ExtendWith(OutputCaptureExtension.class)
final class RabbitSecretIntegrationTests {

  private static final String QUEUE = "orders";
  private static final String OTHER_QUEUE = "invoices";
  private static final String NO_QUEUE = "nowhere";

  /** What the log must not hold. */
  private static final String PASSWORD = "canary-password";

  private static final BaoServer vault = BaoServer.shared();

  @SuppressWarnings("NullAway.Init")
  private static RabbitServer server;

  @BeforeAll
  static void start() {
    server = RabbitServer.start();
  }

  @AfterAll
  static void stop() {
    List<ProcessHandle> processes = server.processes();
    server.close();
    assertThat(processes).hasSize(2).noneMatch(ProcessHandle::isAlive);
  }

  @BeforeEach
  void makeFirstUser() {
    server.makeUser("user1", PASSWORD + 1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"simple", "direct"})
  void movesToTheNextUserAndEveryMessageIsHandledOnce(String listeners, CapturedOutput output)
      throws Exception {
    try (ConfigurableApplicationContext application =
        application(
            List.of(
                "spring.rabbitmq.listener.type=" + listeners,
                "logging.level.com.rabbitmq=trace",
                "logging.level.org.springframework.amqp=trace",
                "logging.level.dev.latchkey=trace"),
            Application.class,
            Shop.class)) {
      Orders orders = application.getBean(Orders.class);
      Publisher publisher = new Publisher(application.getBean(RabbitTemplate.class), orders);
      publisher.start();
      await().until(() -> orders.handled.size() > 100);

      for (int rotation = 2; rotation <= 4; rotation++) {
        String user = "user" + rotation;
        server.makeUser(user, PASSWORD + rotation);
        rotate(application, user, PASSWORD + rotation);
        awaitUsers(user);
        server.deleteUser("user" + (rotation - 1));
        int before = orders.handled.size();
        await().until(() -> orders.handled.size() > before + 100);
      }

      assertHandled(orders, publisher);
    }
    assertThat(output).contains("rotated to version 4 (previous 3)").doesNotContain(PASSWORD);
  }

  @Test
  void handlesEveryMessageOnceWhenConnectionsMoveToTheNextLease() throws Exception {
    try (ConfigurableApplicationContext application =
        application(
            List.of(
                "latchkey.store.type=vault",
                "latchkey.vault.uri=" + vault.uri(),
                "latchkey.vault.token=" + vault.rootToken(),
                "latchkey.secrets.broker.reference=vault@" + role(Duration.ofSeconds(6)),
                "spring.application.name=shop"),
            Vault.class,
            Shop.class)) {
      Orders orders = application.getBean(Orders.class);
      RotatingSecret secret = application.getBean(RotatingSecrets.class).get("broker");
      Set<String> users = new HashSet<>();
      Publisher publisher = new Publisher(application.getBean(RabbitTemplate.class), orders);
      publisher.start();

      await()
          .atMost(Duration.ofMinutes(2))
          .until(
              () -> {
                users.add(secret.get("username"));
                return users.size() == 4;
              });
      awaitUsers(secret.get("username"));

      assertHandled(orders, publisher);
    }
  }

  /**
   * @return where a new user is read, who is deleted three times {@code ttl} later
   */
  private static String role(Duration ttl) {
    String mount = vault.newName("rabbitmq");
    vault.post("sys/mounts/" + mount, Map.of("type", "rabbitmq"));
    vault.post(
        mount + "/config/connection",
        Map.of(
            "connection_uri",
            server.managementUri().toString(),
            "username",
            RabbitServer.ADMIN,
            "password",
            RabbitServer.ADMIN_PASSWORD));
    vault.post(
        mount + "/config/lease", Map.of("ttl", ttl.toSeconds(), "max_ttl", 3 * ttl.toSeconds()));
    vault.post(
        mount + "/roles/shop",
        Map.of("vhosts", "{\"/\": {\"configure\": \".*\", \"write\": \".*\", \"read\": \".*\"}}"));
    return mount + "/creds/shop";
  }

  private static void assertHandled(Orders orders, Publisher publisher)
      throws InterruptedException {
    List<String> sent = publisher.stop();
    await().until(() -> orders.handled.containsAll(sent));
    assertThat(publisher.failures).isEmpty();
    assertThat(orders.handled).hasSameSizeAs(sent);
    assertThat(orders.twice).isEmpty();
  }

  @Test
  void finishesATransactionWhenItBeganBeforeTheRotation() {
    try (ConfigurableApplicationContext application =
        application(List.of("latchkey.rabbitmq.drain=1m"), Application.class)) {
      RabbitTemplate template = application.getBean(RabbitTemplate.class);
      template.setChannelTransacted(true);
      server.makeUser("user2", PASSWORD + 2);

      template.execute(
          channel -> {
            channel.basicPublish("", OTHER_QUEUE, null, "one".getBytes());
            rotate(application, "user2", PASSWORD + 2);
            await()
                .atMost(Duration.ofSeconds(30))
                .untilAsserted(
                    () -> {
                      template.convertAndSend(NO_QUEUE, "until it has moved");
                      assertThat(server.connectedUsers()).containsOnly("user1", "user2");
                    });
            template.convertAndSend(OTHER_QUEUE, "apart");
            channel.basicPublish("", OTHER_QUEUE, null, "two".getBytes());
            channel.txCommit();
            return null;
          });

      assertThat(Stream.generate(() -> receive(template)).limit(3))
          .containsExactlyInAnyOrder("one", "two", "apart");
    }
  }

  @Test
  void reopensNoConnectionOfAnOldUserWhenWorkTakesLongerThanTheDrain() {
    try (ConfigurableApplicationContext application = application(List.of(), Application.class)) {
      RabbitTemplate template = application.getBean(RabbitTemplate.class);
      server.makeUser("user2", PASSWORD + 2);
      server.makeUser("user3", PASSWORD + 3);

      template.execute(
          channel -> {
            awaitUsers("user1");
            rotate(application, "user2", PASSWORD + 2);
            awaitUsers();
            channel.basicPublish("", NO_QUEUE, null, "late".getBytes());
            return null;
          });
      awaitUsers("user2");
      rotate(application, "user3", PASSWORD + 3);
      await()
          .atMost(Duration.ofSeconds(30))
          .untilAsserted(
              () -> {
                template.convertAndSend(NO_QUEUE, "new");
                assertThat(server.connectedUsers()).containsExactly("user3");
              });
    }
  }

  private static void awaitUsers(String... users) {
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> Set.copyOf(server.connectedUsers()).equals(Set.of(users)));
  }

  private static String receive(RabbitTemplate template) {
    Message received = template.receive(OTHER_QUEUE, 10_000);
    return received == null ? "nothing" : new String(received.getBody());
  }

  @Test
  void readsTheSecretAtOnceWhenTheFirstLoginIsRejected() {
    try (ConfigurableApplicationContext application = application(List.of(), Application.class)) {
      server.makeUser("user1", PASSWORD + "changed");
      write(application, "user1", PASSWORD + "changed");

      RabbitTemplate template = application.getBean(RabbitTemplate.class);
      template.convertAndSend(OTHER_QUEUE, "first");

      assertThat(receive(template)).isEqualTo("first");
    }
  }

  @Test
  void readsTheSecretAtOnceWhenTheLoginIsRejected() {
    try (ConfigurableApplicationContext application = application(List.of(), Application.class)) {
      RabbitTemplate template = application.getBean(RabbitTemplate.class);
      template.convertAndSend(OTHER_QUEUE, "before");
      server.makeUser("user1", PASSWORD + "changed");
      write(application, "user1", PASSWORD + "changed");

      awaitUsers("user1");
      Connection open =
          application
              .getBean("rabbitConnectionFactory", CachingConnectionFactory.class)
              .createConnection();
      server.closeConnections();
      await().until(() -> !open.isOpen());
      template.convertAndSend(OTHER_QUEUE, "after");

      assertThat(receive(template)).isEqualTo("before");
      assertThat(receive(template)).isEqualTo("after");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"simple", "direct"})
  void listensAgainWhenTheStoreHasThePasswordLongAfterTheBroker(String listeners) {
    try (ConfigurableApplicationContext application =
        application(
            List.of("spring.rabbitmq.listener.type=" + listeners), Application.class, Shop.class)) {
      RabbitTemplate template = application.getBean(RabbitTemplate.class);
      Orders orders = application.getBean(Orders.class);
      template.convertAndSend(QUEUE, "before");
      await().until(() -> orders.handled.contains("before"));
      Refusals refusals = new Refusals();
      application.getBean(ConnectionFactory.class).addConnectionListener(refusals);

      server.makeUser("user1", PASSWORD + "changed");
      awaitUsers("user1");
      server.closeConnections();
      await()
          .atMost(Duration.ofMinutes(1))
          .until(() -> refusals.count.get() > Refusals.THAT_STOP_A_LISTENER);
      assertThatThrownBy(() -> template.convertAndSend(QUEUE, "refused"))
          .isInstanceOf(AmqpConnectException.class)
          .hasMessage("RabbitMQ rejects the credentials of secret 'broker'");
      write(application, "user1", PASSWORD + "changed");
      template.convertAndSend(QUEUE, "after");

      await()
          .atMost(Duration.ofSeconds(30))
          .until(() -> orders.handled.containsAll(Set.of("before", "after")));
    }
  }

  @Test
  void readsNoSecretWhenTheDetailsOfAContainerWin() {
    try (ConfigurableApplicationContext application =
        application(
            List.of("latchkey.secrets.broker.reference=vault@secret/missing"),
            Application.class,
            Container.class)) {
      application.getBean(RabbitTemplate.class).convertAndSend(OTHER_QUEUE, "from a container");

      awaitUsers(RabbitServer.ADMIN);
      assertThat(receive(application.getBean(RabbitTemplate.class))).isEqualTo("from a container");
    }
  }

  @Test
  void doesNothingWhenThePropertyNamesNoSecret() {
    try (ConfigurableApplicationContext application =
        application(
            List.of(
                "latchkey.rabbitmq.secret=",
                "spring.rabbitmq.username=" + RabbitServer.ADMIN,
                "spring.rabbitmq.password=" + RabbitServer.ADMIN_PASSWORD),
            Application.class)) {
      application.getBean(RabbitTemplate.class).convertAndSend(OTHER_QUEUE, "by the admin");

      awaitUsers(RabbitServer.ADMIN);
      assertThat(receive(application.getBean(RabbitTemplate.class))).isEqualTo("by the admin");
    }
  }

  @Test
  void failsWhenNoSecretHasThatName() {
    assertFails(
        List.of("latchkey.rabbitmq.secret=brokr"),
        "latchkey.rabbitmq.secret=brokr: there is no secret named 'brokr'",
        "Did you mean 'broker'?",
        Application.class);
  }

  @Test
  void failsWhenTheSecretLacksAField() {
    assertFails(
        List.of("latchkey.rabbitmq.password-field=pass"),
        "latchkey.rabbitmq.secret=broker: the secret has no field 'pass' (found password,"
            + " username)",
        "Set latchkey.rabbitmq.password-field to the name of the field, or add 'pass' to the"
            + " secret.",
        Application.class);
  }

  @Test
  void failsWhenTheApplicationCreatesTheConnectionFactory() {
    assertFails(
        List.of(),
        "latchkey.rabbitmq.secret=broker: the ConnectionFactory 'own' does not use it",
        "Let Spring Boot create it. To keep yours, create a RotatingConnectionFactory of two of"
            + " them, apply RotatingRabbitCredentials to both, and remove"
            + " latchkey.rabbitmq.secret.",
        Application.class,
        OwnConnectionFactory.class);
  }

  private static void assertFails(
      List<String> properties, String message, String action, Class<?>... configurations) {
    assertThatThrownBy(() -> application(properties, configurations))
        .satisfies(
            thrown -> {
              Throwable cause = thrown;
              while (cause.getCause() != null) {
                cause = cause.getCause();
              }
              assertThat(cause).isInstanceOf(LatchkeyException.class).hasMessage(message);
              assertThat(((LatchkeyException) cause).action()).isEqualTo(action);
            });
  }

  private static ConfigurableApplicationContext application(
      List<String> properties, Class<?>... configurations) {
    return new SpringApplicationBuilder(configurations)
        .properties(
            "latchkey.store.type=memory",
            "latchkey.refresh.interval=1h",
            "latchkey.secrets.broker.reference=vault@secret/broker",
            "latchkey.rabbitmq.secret=broker",
            "latchkey.rabbitmq.drain=1s",
            "spring.rabbitmq.host=127.0.0.1",
            "spring.rabbitmq.port=" + server.port())
        .run(properties.stream().map("--"::concat).toArray(String[]::new));
  }

  private static void write(
      ConfigurableApplicationContext application, String user, String password) {
    long version = application.getBean(RotatingSecrets.class).get("broker").current().version();
    application
        .getBean(Backend.class)
        .secrets()
        .write("secret/broker", credentials(user, password), version);
  }

  private static void rotate(
      ConfigurableApplicationContext application, String user, String password) {
    write(application, user, password);
    RotatingSecrets secrets = application.getBean(RotatingSecrets.class);
    assertThat(secrets.get("broker").refresh(Duration.ofSeconds(10))).isTrue();
  }

  private static Map<String, @Nullable Object> credentials(String user, String password) {
    return new TreeMap<>(Map.of("username", user, "password", password));
  }

  /** Sends numbers, as many as are handled soon. */
  private static final class Publisher {

    private static final Duration LIMIT = Duration.ofSeconds(30);

    private final List<String> sent = new CopyOnWriteArrayList<>();
    private final List<Exception> failures = new CopyOnWriteArrayList<>();
    private final AtomicBoolean running = new AtomicBoolean(true);
    private final AtomicInteger numbers = new AtomicInteger();
    private final List<Thread> threads = new ArrayList<>();
    private final RabbitTemplate template;
    private final Orders orders;

    Publisher(RabbitTemplate template, Orders orders) {
      this.template = template;
      this.orders = orders;
    }

    void start() {
      for (int i = 0; i < 2; i++) {
        Thread thread = new Thread(this::run, "publisher-" + i);
        threads.add(thread);
        thread.start();
      }
    }

    private void run() {
      while (running.get()) {
        try {
          if (!orders.room.tryAcquire(LIMIT.toSeconds(), TimeUnit.SECONDS)) {
            throw new IllegalStateException("Messages are not handled");
          }
          String number = String.valueOf(numbers.incrementAndGet());
          template.convertAndSend(QUEUE, number);
          sent.add(number);
        } catch (RuntimeException | InterruptedException ex) {
          failures.add(ex);
        }
      }
    }

    List<String> stop() throws InterruptedException {
      running.set(false);
      for (Thread thread : threads) {
        thread.join(2 * LIMIT.toMillis());
        assertThat(thread.isAlive()).isFalse();
      }
      return sent;
    }
  }

  /** Handles each message once: one that is delivered again was not acknowledged before. */
  static final class Orders {

    private final Set<String> handled = ConcurrentHashMap.newKeySet();
    private final List<String> twice = new CopyOnWriteArrayList<>();
    private final Semaphore room = new Semaphore(50);

    @RabbitListener(queues = QUEUE, concurrency = "2")
    void handle(@Payload String order, @Header(AmqpHeaders.REDELIVERED) boolean redelivered) {
      if (handled.add(order)) {
        room.release();
      } else if (!redelivered) {
        twice.add(order);
      }
    }
  }

  /** Counts the logins that the broker refuses. */
  private static final class Refusals implements ConnectionListener {

    /** Three for each of its consumers, and three for what they have in common. */
    static final int THAT_STOP_A_LISTENER = 9;

    private final AtomicInteger count = new AtomicInteger();

    @Override
    public void onCreate(@Nullable Connection connection) {}

    @Override
    public void onFailed(Exception exception) {
      if (exception instanceof AuthenticationFailureException) {
        count.incrementAndGet();
      }
    }
  }

  @Configuration(proxyBeanMethods = false)
  static class Shop {

    @Bean
    Orders orders() {
      return new Orders();
    }
  }

  @Configuration(proxyBeanMethods = false)
  @EnableAutoConfiguration
  static class Vault {

    @Bean
    Queue ordersQueue() {
      return new Queue(QUEUE);
    }

    @Bean
    Queue invoicesQueue() {
      return new Queue(OTHER_QUEUE);
    }
  }

  @Configuration(proxyBeanMethods = false)
  static class Application extends Vault {

    @Bean
    Backend backend(ConfigurableEnvironment environment) {
      Backend backend = Backend.create(environment);
      backend.secrets().write("secret/broker", credentials("user1", PASSWORD + 1), 0);
      return backend;
    }
  }

  @Configuration(proxyBeanMethods = false)
  static class OwnConnectionFactory {

    @Bean
    ConnectionFactory own() {
      return new CachingConnectionFactory("127.0.0.1", server.port());
    }
  }

  @Configuration(proxyBeanMethods = false)
  static class Container {

    @Bean
    RabbitConnectionDetails details() {
      return new RabbitConnectionDetails() {

        @Override
        public String getUsername() {
          return RabbitServer.ADMIN;
        }

        @Override
        public String getPassword() {
          return RabbitServer.ADMIN_PASSWORD;
        }

        @Override
        public List<Address> getAddresses() {
          return List.of(new Address("127.0.0.1", server.port()));
        }
      };
    }
  }
}
