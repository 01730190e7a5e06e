package dev.latchkey.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.latchkey.LatchkeyException;
import dev.latchkey.secret.rotating.internal.RotatingSecrets;
import dev.latchkey.store.Backend;
import dev.latchkey.test.BaoServer;
import io.lettuce.core.KillArgs;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.sync.RedisCommands;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.output.NestedMultiOutput;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.CommandType;
import java.io.IOException;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.data.redis.autoconfigure.DataRedisConnectionDetails;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.data.redis.RedisConnectionFailureException;
import org.springframework.data.redis.connection.RedisConnectionFactory;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;
import org.springframework.data.redis.core.StringRedisTemplate;
import redis.embedded.RedisServer;

/** A real Redis server, whose users are made and deleted under load. */
@ExtendWith(OutputCaptureExtension.class)
final class RedisSecretIntegrationTests {

  private static final String ADMIN = "admin-password";

  private static final BaoServer vault = BaoServer.shared();

  @SuppressWarnings("NullAway.Init")
  private static RedisServer server;

  private static int port;

  @BeforeAll
  static void start() throws IOException {
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    server =
        RedisServer.newRedisServer()
            .port(port)
            .bind("127.0.0.1")
            .setting("requirepass " + ADMIN)
            .setting("save \"\"")
            .build();
    server.start();
  }

  @AfterAll
  static void stop() throws IOException {
    server.stop();
  }

  @AfterEach
  void deleteUsers() {
    users().stream().filter(each -> !each.equals("default")).forEach(each -> acl("DELUSER", each));
  }

  private static void makeUser(String name, String password) {
    acl("SETUSER", name, "on", ">" + password, "~*", "&*", "+@all");
  }

  private static void acl(String... arguments) {
    CommandArgs<String, String> command = new CommandArgs<>(StringCodec.UTF8);
    List.of(arguments).forEach(command::add);
    admin(
        commands ->
            commands.dispatch(CommandType.ACL, new NestedMultiOutput<>(StringCodec.UTF8), command));
  }

  private static List<String> users() {
    return admin(RedisCommands::aclUsers);
  }

  private static <T> T admin(Function<RedisCommands<String, String>, T> action) {
    RedisURI uri =
        RedisURI.builder()
            .withHost("127.0.0.1")
            .withPort(port)
            .withPassword(ADMIN.toCharArray())
            .build();
    try (RedisClient client = RedisClient.create(uri);
        StatefulRedisConnection<String, String> connection = client.connect()) {
      return action.apply(connection.sync());
    }
  }

  @Test
  void failsNoCommandWhenOpenConnectionsMoveToTheNewUser() throws Exception {
    makeUser("user1", "first");
    try (ConfigurableApplicationContext application = application("cache", Application.class)) {
      StringRedisTemplate redis = application.getBean(StringRedisTemplate.class);
      assertThat(whoAmI(redis)).isEqualTo("user1");
      Load load = new Load(redis);
      load.start();

      for (int rotation = 2; rotation <= 4; rotation++) {
        makeUser("user" + rotation, "password" + rotation);
        rotate(application, "user" + rotation, "password" + rotation);
        String user = "user" + rotation;
        await().until(() -> whoAmI(redis).equals(user));
        acl("DELUSER", "user" + (rotation - 1));
        load.awaitCommands();
      }

      assertThat(load.stop()).isEmpty();
    }
  }

  @Test
  void failsNoCommandWhenOpenConnectionsMoveToTheNextLease() throws Exception {
    try (ConfigurableApplicationContext application =
        new SpringApplicationBuilder(Vault.class)
            .properties(
                "latchkey.vault.uri=" + vault.uri(),
                "latchkey.vault.token=" + vault.rootToken(),
                "latchkey.secrets.cache.reference=vault@" + role(Duration.ofSeconds(2)),
                "latchkey.redis.secret=cache",
                "spring.application.name=shop",
                "spring.data.redis.host=127.0.0.1",
                "spring.data.redis.port=" + port)
            .run()) {
      StringRedisTemplate redis = application.getBean(StringRedisTemplate.class);
      Load load = new Load(redis);
      Set<String> users = new HashSet<>();
      load.start();

      await()
          .atMost(Duration.ofMinutes(1))
          .until(
              () -> {
                users.add(whoAmI(redis));
                return users.size() == 4;
              });
      load.awaitCommands();

      assertThat(load.stop()).isEmpty();
    }
    assertThat(users()).containsExactly("default");
  }

  /**
   * @return where a new user is read, who is deleted three times {@code ttl} later
   */
  private static String role(Duration ttl) {
    String mount = vault.newName("redis");
    vault.post("sys/mounts/" + mount, Map.of("type", "database"));
    vault.post(
        mount + "/config/cache",
        Map.of(
            "plugin_name", "redis-database-plugin",
            "allowed_roles", "*",
            "host", "127.0.0.1",
            "port", port,
            "username", "default",
            "password", ADMIN,
            "tls", false));
    vault.post(
        mount + "/roles/shop",
        Map.of(
            "db_name",
            "cache",
            "creation_statements",
            List.of("[\"~*\", \"&*\", \"+@all\"]"),
            "default_ttl",
            ttl.toSeconds(),
            "max_ttl",
            3 * ttl.toSeconds()));
    return mount + "/creds/shop";
  }

  @Test
  void readsTheSecretAtOnceWhenTheLoginIsRejected() {
    makeUser("user1", "first");
    try (ConfigurableApplicationContext application = application("cache", Application.class)) {
      StringRedisTemplate redis = application.getBean(StringRedisTemplate.class);
      assertThat(whoAmI(redis)).isEqualTo("user1");
      acl("SETUSER", "user1", "resetpass", ">changed");
      write(application, "user1", "changed");

      admin(commands -> commands.clientKill(KillArgs.Builder.user("user1")));

      assertThat(whoAmI(redis)).isEqualTo("user1");
      assertThat(application.getBean(RotatingSecrets.class).get("cache").get("password"))
          .isEqualTo("changed");
    }
  }

  @Test
  void readsTheSecretAtOnceWhenTheFirstLoginIsRejected() {
    makeUser("user1", "first");
    try (ConfigurableApplicationContext application = application("cache", Application.class)) {
      StringRedisTemplate redis = application.getBean(StringRedisTemplate.class);
      acl("SETUSER", "user1", "resetpass", ">changed");
      write(application, "user1", "changed");

      assertThatThrownBy(() -> whoAmI(redis)).isInstanceOf(RedisConnectionFailureException.class);

      assertThat(whoAmI(redis)).isEqualTo("user1");
    }
  }

  @Test
  void warnsWhenLettuceLogsPasswords(CapturedOutput output) {
    makeUser("user1", "first-canary");
    try (ConfigurableApplicationContext application =
        application("cache", Application.class, "logging.level.io.lettuce=trace")) {
      assertThat(output)
          .contains(
              "latchkey.redis.secret=cache: Lettuce logs passwords at level TRACE"
                  + " of io.lettuce.core.protocol.CommandEncoder; choose another level");
    }
  }

  @Test
  void logsNoPasswordWhenTheLevelIsDebug(CapturedOutput output) {
    makeUser("user1", "first");
    makeUser("user2", "canary-password");
    try (ConfigurableApplicationContext application =
        application("cache", Application.class, "logging.level.root=debug")) {
      StringRedisTemplate redis = application.getBean(StringRedisTemplate.class);
      whoAmI(redis);
      rotate(application, "user2", "canary-password");
      await().until(() -> whoAmI(redis).equals("user2"));
    }
    assertThat(output)
        .contains("Re-authentication succeeded")
        .doesNotContain("canary-password", "writes passwords");
  }

  @Test
  void failsWhenTheSecretLacksAField() {
    assertThatThrownBy(
            () -> application("cache", Application.class, "latchkey.redis.password-field=pass"))
        .rootCause()
        .hasMessageStartingWith(
            "latchkey.redis.secret=cache: the secret has no field 'pass' (found ")
        .satisfies(
            ex ->
                assertThat(((LatchkeyException) ex).action())
                    .isEqualTo(
                        "Set latchkey.redis.password-field to the name of the field, or add"
                            + " 'pass' to the secret."));
  }

  @Test
  void readsNoSecretWhenTheDetailsOfAContainerWin() {
    makeUser("user1", "first");
    try (ConfigurableApplicationContext application =
        application("cache", List.of(Application.class, Container.class))) {
      assertThat(whoAmI(application.getBean(StringRedisTemplate.class))).isEqualTo("default");
    }
  }

  @Test
  void doesNothingWhenThePropertyNamesNoSecret() {
    try (ConfigurableApplicationContext application =
        application("", Application.class, "spring.data.redis.password=" + ADMIN)) {
      assertThat(whoAmI(application.getBean(StringRedisTemplate.class))).isEqualTo("default");
    }
  }

  @Test
  void failsWhenNoSecretHasThatName() {
    assertThatThrownBy(() -> application("cach", Application.class))
        .hasRootCauseInstanceOf(LatchkeyException.class)
        .rootCause()
        .hasMessage("latchkey.redis.secret=cach: there is no secret named 'cach'")
        .satisfies(
            ex -> assertThat(((LatchkeyException) ex).action()).isEqualTo("Did you mean 'cache'?"));
  }

  @Test
  void failsWhenTheApplicationCreatesTheConnectionFactory() {
    assertThatThrownBy(
            () -> application("cache", List.of(Application.class, OwnConnectionFactory.class)))
        .isInstanceOf(LatchkeyException.class)
        .hasMessage("latchkey.redis.secret=cache: the RedisConnectionFactory 'own' does not use it")
        .satisfies(
            ex ->
                assertThat(((LatchkeyException) ex).action())
                    .isEqualTo(
                        "Let Spring Boot create it with Lettuce. To keep yours, pass a"
                            + " RotatingRedisCredentials to its redisCredentialsProviderFactory,"
                            + " and remove latchkey.redis.secret."));
  }

  private static ConfigurableApplicationContext application(
      String secret, Class<?> configuration, String... properties) {
    return application(secret, List.of(configuration), properties);
  }

  private static ConfigurableApplicationContext application(
      String secret, List<Class<?>> configurations, String... properties) {
    return new SpringApplicationBuilder(configurations.toArray(Class<?>[]::new))
        .properties(
            "latchkey.store.type=memory",
            "latchkey.refresh.interval=1h",
            "latchkey.secrets.cache.reference=vault@secret/cache",
            "latchkey.redis.secret=" + secret,
            "spring.data.redis.host=127.0.0.1",
            "spring.data.redis.port=" + port)
        .run(Stream.of(properties).map("--"::concat).toArray(String[]::new));
  }

  private static void write(
      ConfigurableApplicationContext application, String user, String password) {
    long version = application.getBean(RotatingSecrets.class).get("cache").current().version();
    application
        .getBean(Backend.class)
        .secrets()
        .write("secret/cache", credentials(user, password), version);
  }

  private static void rotate(
      ConfigurableApplicationContext application, String user, String password) {
    write(application, user, password);
    RotatingSecrets secrets = application.getBean(RotatingSecrets.class);
    assertThat(secrets.get("cache").refresh(Duration.ofSeconds(10))).isTrue();
  }

  private static Map<String, @Nullable Object> credentials(String user, String password) {
    return Map.of("username", user, "password", password);
  }

  private static String whoAmI(StringRedisTemplate redis) {
    String user =
        redis.execute(
            connection -> new String((byte[]) connection.execute("ACL", "WHOAMI".getBytes())),
            true);
    return String.valueOf(user);
  }

  /** Two threads that send commands one after the other. */
  private static final class Load {

    private final List<Exception> failures = new CopyOnWriteArrayList<>();
    private final AtomicInteger commands = new AtomicInteger();
    private final AtomicBoolean running = new AtomicBoolean(true);
    private final ExecutorService threads = Executors.newFixedThreadPool(2);
    private final StringRedisTemplate redis;

    Load(StringRedisTemplate redis) {
      this.redis = redis;
    }

    void start() {
      threads.execute(this::run);
      threads.execute(this::run);
    }

    private void run() {
      while (running.get()) {
        try {
          redis.opsForValue().increment("orders");
          commands.incrementAndGet();
        } catch (RuntimeException ex) {
          failures.add(ex);
        }
      }
    }

    void awaitCommands() {
      int before = commands.get();
      await().until(() -> commands.get() > before + 100);
    }

    List<Exception> stop() throws InterruptedException {
      running.set(false);
      threads.shutdown();
      assertThat(threads.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
      return failures;
    }
  }

  @Configuration(proxyBeanMethods = false)
  @EnableAutoConfiguration
  static class Vault {}

  @Configuration(proxyBeanMethods = false)
  @EnableAutoConfiguration
  static class Application {

    @Bean
    Backend backend(ConfigurableEnvironment environment) {
      Backend backend = Backend.create(environment);
      backend.secrets().write("secret/cache", credentials("user1", "first"), 0);
      return backend;
    }
  }

  @Configuration(proxyBeanMethods = false)
  static class OwnConnectionFactory {

    @Bean
    RedisConnectionFactory own() {
      return new LettuceConnectionFactory("127.0.0.1", port);
    }
  }

  @Configuration(proxyBeanMethods = false)
  static class Container {

    @Bean
    DataRedisConnectionDetails details() {
      return new DataRedisConnectionDetails() {

        @Override
        public String getPassword() {
          return ADMIN;
        }

        @Override
        public Standalone getStandalone() {
          return Standalone.of("127.0.0.1", port);
        }
      };
    }
  }
}
