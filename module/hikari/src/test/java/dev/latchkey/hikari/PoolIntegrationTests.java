package dev.latchkey.hikari;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import dev.latchkey.autoconfigure.RotatingKeyAutoConfiguration;
import dev.latchkey.autoconfigure.key.KeysetAutoConfiguration;
import dev.latchkey.autoconfigure.secret.RotatingSecretAutoConfiguration;
import dev.latchkey.client.SecretClientAutoConfiguration;
import dev.latchkey.secret.RotatingSecret;
import dev.latchkey.test.BaoServer;
import dev.latchkey.test.internal.database.DatabaseSecrets;
import dev.latchkey.test.internal.database.PostgresServer;
import dev.latchkey.test.internal.database.TableReaders;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.jdbc.DataSourceBuilder;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.boot.jdbc.autoconfigure.metrics.DataSourcePoolMetricsAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.MetricsAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Pools of a real database, whose users a real server makes. */
@ExtendWith(OutputCaptureExtension.class)
class PoolIntegrationTests {

  private static final Duration HOUR = Duration.ofHours(1);

  private final PostgresServer database = PostgresServer.shared();
  private final BaoServer server = BaoServer.shared();
  private final DatabaseSecrets secrets = DatabaseSecrets.mount(server, database);

  private final ApplicationContextRunner runner =
      new ApplicationContextRunner()
          .withConfiguration(
              AutoConfigurations.of(
                  DataSourceAutoConfiguration.class,
                  HikariSecretAutoConfiguration.class,
                  KeysetAutoConfiguration.class,
                  RotatingKeyAutoConfiguration.class,
                  RotatingSecretAutoConfiguration.class,
                  SecretClientAutoConfiguration.class))
          .withPropertyValues(
              "spring.datasource.url=" + database.url(),
              "latchkey.vault.uri=" + server.uri(),
              "latchkey.vault.token=" + server.rootToken(),
              "latchkey.datasource.secret=orders-db");

  @Test
  void readsWhenTheUserWasDroppedBetweenTheReadAndTheFirstConnection() {
    runner
        .withPropertyValues(secret("orders-db", secrets.role(HOUR, HOUR)))
        .run(
            context -> {
              String dropped = user(context, "ordersDb");
              server.post("sys/leases/revoke-prefix/" + secrets.mount(), Map.of("sync", true));

              TableReaders.read(context.getBean(DataSource.class));

              assertThat(user(context, "ordersDb")).isNotEqualTo(dropped);
            });
  }

  @Test
  void readsWhenThePasswordChangedBetweenTheReadAndTheFirstConnection() {
    String path = secrets.staticRole(HOUR);
    for (int i = 0; i < 5; i++) {
      runner
          .withPropertyValues(secret("orders-db", path))
          .run(
              context -> {
                secrets.rotate(path);
                TableReaders.read(context.getBean(DataSource.class));
              });
    }
  }

  @Test
  void opensConnectionsOfSeveralPoolsWithTheirOwnUsers() {
    runner
        .withUserConfiguration(TwoPools.class)
        .withPropertyValues(
            "app.url=" + database.url(),
            secret("orders-db", secrets.role(HOUR, HOUR)),
            secret("reports-db", secrets.staticRole(HOUR)),
            "latchkey.datasources.reports.secret=reports-db")
        .run(
            context -> {
              DataSource orders = context.getBean("orders", DataSource.class);
              DataSource reports = context.getBean("reports", DataSource.class);
              TableReaders.read(orders);
              TableReaders.read(reports);
              assertThat(TableReaders.user(orders)).isEqualTo(user(context, "ordersDb"));
              assertThat(TableReaders.user(reports)).isEqualTo(user(context, "reportsDb"));
              assertThat(TableReaders.user(orders)).isNotEqualTo(TableReaders.user(reports));
            });
  }

  @Test
  void readsNoSecretWhenConnectionDetailsWin() {
    database.execute("CREATE ROLE container LOGIN PASSWORD 'c' IN ROLE " + PostgresServer.READERS);
    runner
        .withBean(JdbcConnectionDetails.class, () -> new ContainerDetails(database.url()))
        .withPropertyValues(secret("orders-db", secrets.role(HOUR, HOUR)))
        .run(
            context -> {
              DataSource dataSource = context.getBean(DataSource.class);
              TableReaders.read(dataSource);
              assertThat(TableReaders.user(dataSource)).isEqualTo("container");
            });
  }

  @Test
  void measuresThePoolWhenItsCredentialsRotate() {
    runner
        .withConfiguration(
            AutoConfigurations.of(
                MetricsAutoConfiguration.class, DataSourcePoolMetricsAutoConfiguration.class))
        .withBean(MeterRegistry.class, SimpleMeterRegistry::new)
        .withPropertyValues(secret("orders-db", secrets.role(HOUR, HOUR)))
        .run(
            context -> {
              MeterRegistry meters = context.getBean(MeterRegistry.class);
              TableReaders.read(context.getBean(DataSource.class));

              assertThat(meters.get("hikaricp.connections.acquire").timer().count()).isOne();
              assertThat(meters.get("hikaricp.connections.usage").timer().count()).isOne();
              assertThat(meters.get("hikaricp.connections.timeout").counter().count()).isZero();
              assertThat(meters.get("jdbc.connections.max").gauge().value()).isEqualTo(10);
            });
  }

  @Test
  void readsUntilTheEndWhenTheApplicationStops() {
    List<String> users = new ArrayList<>();
    List<Exception> failures = new ArrayList<>();
    runner
        .withBean(
            LastRead.class,
            () -> new LastRead(failures),
            definition -> definition.setDependsOn("dataSource"))
        .withPropertyValues(secret("orders-db", secrets.role(HOUR, HOUR)))
        .run(
            context -> {
              LastRead last = context.getBean(LastRead.class);
              last.dataSource = context.getBean(DataSource.class);
              TableReaders.read(last.dataSource);
              users.add(user(context, "ordersDb"));
              assertThat(database.hasUser(users.get(0))).isTrue();
            });

    assertThat(failures).isEmpty();
    PoolApplication.await("no user " + users, () -> !database.hasUser(users.get(0)));
  }

  @Test
  void warnsWhenAShortLifetimeCutsTheDrain(CapturedOutput output) {
    runner
        .withPropertyValues(
            secret("orders-db", secrets.role(Duration.ofSeconds(3), Duration.ofSeconds(9))),
            "latchkey.datasource.drain=20s")
        .run(
            context -> {
              RotatingSecret secret = secret(context, "ordersDb");
              PoolApplication.await(
                  "a cut overlap", () -> secret.overlap().compareTo(Duration.ofSeconds(4)) < 0);
              PoolApplication.await("a warning", () -> output.toString().contains("max_ttl"));
              assertThat(output.toString().split("max_ttl", -1)).hasSize(2);
            });
  }

  private static String secret(String name, String path) {
    return "latchkey.secrets.%s.reference=vault@%s".formatted(name, path);
  }

  private static String user(ApplicationContext context, String bean) {
    return secret(context, bean).get("username");
  }

  private static RotatingSecret secret(ApplicationContext context, String bean) {
    return context.getBean(bean + "RotatingSecret", RotatingSecret.class);
  }

  @Configuration(proxyBeanMethods = false)
  static class TwoPools {

    @Bean
    HikariDataSource orders(@Value("${app.url}") String url) {
      return pool(url);
    }

    @Bean(defaultCandidate = false)
    HikariDataSource reports(@Value("${app.url}") String url) {
      return pool(url);
    }

    private static HikariDataSource pool(String url) {
      return DataSourceBuilder.create().type(HikariDataSource.class).url(url).build();
    }
  }

  /** Reads when the data source is about to be closed. */
  static final class LastRead implements DisposableBean {

    private final List<Exception> failures;
    private DataSource dataSource;

    LastRead(List<Exception> failures) {
      this.failures = failures;
    }

    @Override
    public void destroy() {
      try {
        TableReaders.read(dataSource);
      } catch (SQLException | RuntimeException ex) {
        failures.add(ex);
      }
    }
  }

  private record ContainerDetails(String url) implements JdbcConnectionDetails {

    @Override
    public String getUsername() {
      return "container";
    }

    @Override
    public String getPassword() {
      return "c";
    }

    @Override
    public String getJdbcUrl() {
      return url;
    }
  }
}
