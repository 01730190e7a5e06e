package dev.latchkey.hikari;

import com.zaxxer.hikari.HikariDataSource;
import dev.latchkey.autoconfigure.LookupAutoConfiguration;
import dev.latchkey.autoconfigure.RotatingKeyAutoConfiguration;
import dev.latchkey.autoconfigure.key.KeysetAutoConfiguration;
import dev.latchkey.autoconfigure.secret.RotatingSecretAutoConfiguration;
import dev.latchkey.client.SecretClientAutoConfiguration;
import dev.latchkey.secret.RotatingSecret;
import dev.latchkey.test.internal.database.PostgresServer;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.springframework.boot.Banner;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;

/** An application with one pool that logs in with a secret of a real server. */
final class PoolApplication implements AutoCloseable {

  private static final Duration LIMIT = Duration.ofSeconds(60);

  private final ConfigurableApplicationContext context;
  private final RotatingSecret secret;
  private final AtomicInteger rotations = new AtomicInteger();

  private PoolApplication(ConfigurableApplicationContext context) {
    this.context = context;
    this.secret = context.getBean("ordersDbRotatingSecret", RotatingSecret.class);
    secret.onRotation(version -> rotations.incrementAndGet());
  }

  /**
   * Starts it. The pool opens no connection before the first read.
   *
   * @param path where user and password are read
   * @param properties more of them
   */
  static PoolApplication start(
      URI vault, PostgresServer database, String path, String... properties) {
    List<String> all =
        new ArrayList<>(
            List.of(
                "spring.config.location=optional:classpath:/none/",
                "spring.datasource.url=" + database.url(),
                "spring.datasource.hikari.maximum-pool-size=6",
                "latchkey.vault.uri=" + vault,
                "latchkey.secrets.orders-db.reference=vault@" + path,
                "latchkey.datasource.secret=orders-db"));
    all.addAll(List.of(properties));
    return new PoolApplication(
        new SpringApplicationBuilder(Application.class)
            .web(WebApplicationType.NONE)
            .bannerMode(Banner.Mode.OFF)
            .properties(all.toArray(String[]::new))
            .run());
  }

  HikariDataSource pool() {
    return context.getBean(HikariDataSource.class);
  }

  RotatingSecret secret() {
    return secret;
  }

  void awaitRotations(int count) {
    await(count + " rotations", () -> rotations.get() >= count);
  }

  int rotations() {
    return rotations.get();
  }

  static void await(String what, BooleanSupplier condition) {
    await(what, LIMIT, condition);
  }

  static void await(String what, Duration limit, BooleanSupplier condition) {
    long deadline = System.nanoTime() + limit.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError("Timed out waiting for " + what);
      }
      LockSupport.parkNanos(Duration.ofMillis(10).toNanos());
    }
  }

  @Override
  public void close() {
    context.close();
  }

  @Configuration(proxyBeanMethods = false)
  @ImportAutoConfiguration({
    DataSourceAutoConfiguration.class,
    HikariSecretAutoConfiguration.class,
    KeysetAutoConfiguration.class,
    LookupAutoConfiguration.class,
    RotatingKeyAutoConfiguration.class,
    RotatingSecretAutoConfiguration.class,
    SecretClientAutoConfiguration.class
  })
  static class Application {}
}
