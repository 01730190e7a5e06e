package dev.latchkey.integrations;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.latchkey.LatchkeyException;
import dev.latchkey.autoconfigure.Backend;
import dev.latchkey.secret.RotatingSecrets;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.output.StatusOutput;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.CommandType;
import java.io.IOException;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.data.redis.autoconfigure.DataRedisConnectionDetails;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.data.redis.core.StringRedisTemplate;
import redis.embedded.RedisServer;

/** A real Redis server, whose users are made and deleted under load. */
final class RedisSecretIntegrationTests {

  private static final String ADMIN = "admin-password";

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

  private static void makeUser(String name, String password) {
    acl("SETUSER", name, "on", ">" + password, "~*", "&*", "+@all");
  }

  private static void acl(String... arguments) {
    RedisURI uri =
        RedisURI.builder()
            .withHost("127.0.0.1")
            .withPort(port)
            .withPassword(ADMIN.toCharArray())
            .build();
    try (RedisClient client = RedisClient.create(uri);
        StatefulRedisConnection<String, String> connection = client.connect()) {
      CommandArgs<String, String> command = new CommandArgs<>(StringCodec.UTF8);
      List.of(arguments).forEach(command::add);
      if (arguments[0].equals("DELUSER")) {
        connection.sync().aclDeluser(arguments[1]);
      } else {
        connection.sync().dispatch(CommandType.ACL, new StatusOutput<>(StringCodec.UTF8), command);
      }
    }
  }

  @Test
  void movesOpenConnectionsToTheNewUserWithoutAFailedCommand() throws Exception {
    makeUser("user1", "first");
    try (ConfigurableApplicationContext application = application("cache", Application.class)) {
      StringRedisTemplate redis = application.getBean(StringRedisTemplate.class);
      assertThat(whoAmI(redis)).isEqualTo("user1");
      List<Exception> failures = new CopyOnWriteArrayList<>();
      AtomicInteger commands = new AtomicInteger();
      AtomicBoolean running = new AtomicBoolean(true);
      ExecutorService load = Executors.newFixedThreadPool(2);
      for (int i = 0; i < 2; i++) {
        load.execute(
            () -> {
              while (running.get()) {
                try {
                  redis.opsForValue().increment("orders");
                  commands.incrementAndGet();
                } catch (RuntimeException ex) {
                  failures.add(ex);
                }
              }
            });
      }

      for (int rotation = 2; rotation <= 4; rotation++) {
        makeUser("user" + rotation, "password" + rotation);
        rotate(application, "user" + rotation, "password" + rotation);
        String user = "user" + rotation;
        await().until(() -> whoAmI(redis).equals(user));
        acl("DELUSER", "user" + (rotation - 1));
        int before = commands.get();
        await().until(() -> commands.get() > before + 100);
      }

      running.set(false);
      load.shutdown();
      assertThat(load.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
      assertThat(failures).isEmpty();
    }
  }

  @Test
  void leavesConnectionsToTheDetailsOfAContainer() {
    makeUser("user1", "first");
    try (ConfigurableApplicationContext application =
        application("cache", Application.class, Container.class)) {
      assertThat(whoAmI(application.getBean(StringRedisTemplate.class))).isEqualTo("default");
    }
  }

  @Test
  void saysThatThereIsNoSuchSecret() {
    assertThatThrownBy(() -> application("cach", Application.class))
        .hasRootCauseInstanceOf(LatchkeyException.class)
        .rootCause()
        .hasMessage("latchkey.redis.secret=cach: there is no secret 'cach'")
        .satisfies(
            ex -> assertThat(((LatchkeyException) ex).action()).isEqualTo("Did you mean 'cache'?"));
  }

  private static ConfigurableApplicationContext application(
      String secret, Class<?>... configurations) {
    return new SpringApplicationBuilder(configurations)
        .properties(
            "latchkey.store.type=memory",
            "latchkey.refresh.interval=1h",
            "latchkey.secrets.cache.reference=vault@secret/cache",
            "latchkey.redis.secret=" + secret,
            "spring.data.redis.host=127.0.0.1",
            "spring.data.redis.port=" + port)
        .run();
  }

  private static void rotate(
      ConfigurableApplicationContext application, String user, String password) {
    RotatingSecrets secrets = application.getBean(RotatingSecrets.class);
    long version = secrets.get("cache").current().version();
    application
        .getBean(Backend.class)
        .secrets()
        .write("secret/cache", credentials(user, password), version);
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
