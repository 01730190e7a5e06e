package dev.latchkey.hikari;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.Mockito.mock;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.util.Credentials;
import dev.latchkey.LatchkeyException;
import dev.latchkey.annotation.RotatingKey;
import dev.latchkey.autoconfigure.RotatingKeyAutoConfiguration;
import dev.latchkey.autoconfigure.key.KeysetAutoConfiguration;
import dev.latchkey.autoconfigure.secret.RotatingSecretAutoConfiguration;
import dev.latchkey.client.SecretClientAutoConfiguration;
import dev.latchkey.key.document.KeysetErasure;
import dev.latchkey.key.rotation.internal.RotationService;
import dev.latchkey.memory.internal.MemoryKeyEncryptionKeys;
import dev.latchkey.memory.internal.MemoryKeysetStore;
import dev.latchkey.secret.RotatingSecret;
import dev.latchkey.store.Backend;
import dev.latchkey.store.StorePolicies;
import dev.latchkey.test.internal.RecordingSecretSource;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.config.DestructionAwareBeanPostProcessor;
import org.springframework.boot.actuate.context.properties.ConfigurationPropertiesReportEndpoint;
import org.springframework.boot.actuate.endpoint.Show;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.jdbc.DataSourceBuilder;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.NestedExceptionUtils;
import org.springframework.jdbc.datasource.SimpleDriverDataSource;
import org.springframework.jdbc.datasource.TransactionAwareDataSourceProxy;
import org.springframework.jdbc.datasource.embedded.EmbeddedDatabase;

/** Which data source uses which secret, and what a user sees when it cannot. */
@ExtendWith(OutputCaptureExtension.class)
class HikariSecretClientTests {

  private static final String URL = "jdbc:postgresql://127.0.0.1:1/postgres";

  /** A secret that no pool uses is read at startup. */
  private static final String OTHER = "secret/reports-db";

  private final RecordingSecretSource secrets =
      new RecordingSecretSource()
          .with("secret/orders-db", "username", "app")
          .with("secret/orders-db", "password", "first")
          .with("secret/reports-db", "name", "reader")
          .with("secret/reports-db", "word", "other");

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
          .withBean(Backend.class, this::backend)
          .withPropertyValues(
              "spring.datasource.url=" + URL,
              "latchkey.secrets.orders-db.reference=vault@secret/orders-db",
              "latchkey.secrets.reports-db.reference=vault@secret/reports-db");

  private Backend backend() {
    MemoryKeysetStore keysets = new MemoryKeysetStore(Clock.systemUTC());
    return new Backend(
        "memory",
        false,
        keysets,
        keysets,
        keysets,
        new MemoryKeyEncryptionKeys(),
        KeysetErasure.nothingLeft(),
        secrets,
        StorePolicies.NONE,
        () -> {});
  }

  @Test
  void connectsTheApplicationsPoolToItsSecret() {
    runner
        .withPropertyValues("latchkey.datasource.secret=orders-db")
        .run(
            context -> {
              HikariDataSource pool = context.getBean(HikariDataSource.class);
              assertCredentials(pool, "app", "first");
              assertThat(pool.getJdbcUrl()).isEqualTo(URL);
              assertThat(pool.getHikariPoolMXBean()).as("started").isNull();
            });
  }

  @Test
  void usesTheNewestCredentialsForEachConnection() {
    runner
        .withPropertyValues("latchkey.datasource.secret=orders-db")
        .run(
            context -> {
              HikariDataSource pool = context.getBean(HikariDataSource.class);
              secrets.with("secret/orders-db", "password", "second");

              context
                  .getBean("ordersDbRotatingSecret", RotatingSecret.class)
                  .refresh(Duration.ofSeconds(10));

              assertCredentials(pool, "app", "second");
            });
  }

  @Test
  void readsTheConfiguredFields() {
    runner
        .withPropertyValues(
            "latchkey.datasource.secret=reports-db",
            "latchkey.datasource.username-field=name",
            "latchkey.datasource.password-field=word")
        .run(context -> assertCredentials(pool(context), "reader", "other"));
  }

  @Test
  void usesTheUsernameOfThePoolWhenTheSecretHoldsNone() {
    runner
        .withPropertyValues(
            "spring.datasource.username=me",
            "latchkey.datasource.secret=reports-db",
            "latchkey.datasource.password-field=word")
        .run(context -> assertCredentials(pool(context), "me", "other"));
  }

  @Test
  void connectsEachOfSeveralPoolsToItsOwnSecret() {
    runner
        .withUserConfiguration(TwoPools.class)
        .withPropertyValues(
            "latchkey.datasource.secret=orders-db",
            "latchkey.datasources.reporting-pool.secret=reports-db",
            "latchkey.datasources.reporting-pool.username-field=name",
            "latchkey.datasources.reporting-pool.password-field=word")
        .run(
            context -> {
              assertCredentials(
                  context.getBean("ordersPool", HikariDataSource.class), "app", "first");
              assertCredentials(
                  context.getBean("reportingPool", HikariDataSource.class), "reader", "other");
            });
  }

  @Test
  void connectsThePoolInsideAWrapper() {
    runner
        .withBean("wrapped", DataSource.class, () -> new TransactionAwareDataSourceProxy(newPool()))
        .withPropertyValues("latchkey.datasource.secret=orders-db")
        .run(
            context ->
                assertCredentials(
                    context.getBean(DataSource.class).unwrap(HikariDataSource.class),
                    "app",
                    "first"));
  }

  @Test
  void closesThePoolBeforeTheSecret() {
    runner
        .withPropertyValues("latchkey.datasource.secret=orders-db")
        .run(
            context ->
                assertThat(
                        context
                            .getSourceApplicationContext()
                            .getBeanFactory()
                            .getDependentBeans("ordersDbRotatingSecret"))
                    .contains("dataSource"));
  }

  @Test
  void closesTheStoreAfterTheSecretWhenItIsOpenedLater() {
    List<String> closed = new ArrayList<>();
    DestructionAwareBeanPostProcessor recorder = (bean, name) -> closed.add(name);
    runner
        .withInitializer(
            context ->
                context.addBeanFactoryPostProcessor(
                    beans -> {
                      beans.getBeanDefinition("backend").setLazyInit(true);
                      beans.addBeanPostProcessor(recorder);
                    }))
        .withUserConfiguration(TwoPools.class)
        .withPropertyValues(
            "latchkey.datasource.secret=orders-db",
            "latchkey.datasources.reporting-pool.secret=reports-db",
            "latchkey.datasources.reporting-pool.username-field=name",
            "latchkey.datasources.reporting-pool.password-field=word")
        .run(context -> assertThat(context).hasNotFailed());

    assertThat(closed)
        .containsSubsequence("ordersPool", "latchkeyRotatingSecrets", "backend")
        .containsSubsequence("reportingPool", "latchkeyRotatingSecrets", "backend");
  }

  @Test
  void showsThePoolsPropertiesWithoutCredentials() {
    runner
        .withPropertyValues("latchkey.datasource.secret=orders-db")
        .run(
            context -> {
              ConfigurationPropertiesReportEndpoint endpoint =
                  new ConfigurationPropertiesReportEndpoint(List.of(), Show.ALWAYS);
              endpoint.setApplicationContext(context.getSourceApplicationContext());

              Object pool =
                  endpoint
                      .configurationPropertiesWithPrefix("spring.datasource.hikari")
                      .getContexts()
                      .values()
                      .iterator()
                      .next()
                      .getBeans()
                      .get("dataSource")
                      .getProperties();

              assertThat(pool.toString())
                  .contains("jdbcUrl=" + URL)
                  .doesNotContain("first")
                  .doesNotContain("error");
            });
  }

  @Test
  void readsNoSecretWhenOtherConnectionDetailsWin(CapturedOutput output) {
    runner
        .withBean(JdbcConnectionDetails.class, ContainerDetails::new)
        .withPropertyValues("latchkey.datasource.secret=orders-db")
        .run(
            context -> {
              assertThat(pool(context).getCredentialsProvider()).isNull();
              assertThat(pool(context).getPassword()).isEqualTo("of-the-container");
              assertThat(output)
                  .contains(
                      "latchkey.datasource.secret=orders-db is not used: username and password come"
                          + " from "
                          + ContainerDetails.class.getName());
              assertThat(secrets.reads()).isEmpty();
            });
  }

  @Test
  void connectsOtherPoolsWhenConnectionDetailsWinForOne() {
    runner
        .withBean(JdbcConnectionDetails.class, ContainerDetails::new)
        .withUserConfiguration(PoolOfAContainer.class)
        .withPropertyValues(
            "latchkey.datasource.secret=orders-db",
            "latchkey.datasources.reporting-pool.secret=reports-db",
            "latchkey.datasources.reporting-pool.username-field=name",
            "latchkey.datasources.reporting-pool.password-field=word")
        .run(
            context -> {
              HikariDataSource orders = context.getBean("ordersPool", HikariDataSource.class);
              assertThat(orders.getCredentialsProvider()).isNull();
              assertThat(orders.getPassword()).isEqualTo("of-the-container");
              assertCredentials(
                  context.getBean("reportingPool", HikariDataSource.class), "reader", "other");
              assertThat(secrets.reads()).containsOnly("secret/reports-db");
            });
  }

  @Test
  void readsTheSecretWhenAnotherBeanUsesItToo() {
    runner
        .withBean(JdbcConnectionDetails.class, ContainerDetails::new)
        .withUserConfiguration(Audit.class)
        .withPropertyValues("latchkey.datasource.secret=orders-db")
        .run(
            context ->
                assertThat(context.getBean(Audit.class).orders.get("username")).isEqualTo("app"));
  }

  @Test
  void needsNoStoreWhenConnectionDetailsWin() {
    new ApplicationContextRunner()
        .withConfiguration(
            AutoConfigurations.of(
                DataSourceAutoConfiguration.class,
                HikariSecretAutoConfiguration.class,
                KeysetAutoConfiguration.class,
                RotatingKeyAutoConfiguration.class,
                RotatingSecretAutoConfiguration.class,
                SecretClientAutoConfiguration.class))
        .withBean(JdbcConnectionDetails.class, ContainerDetails::new)
        .withPropertyValues(
            "spring.profiles.active=test",
            "latchkey.secrets.orders-db.reference=vault@database/creds/orders",
            "latchkey.datasource.secret=orders-db")
        .run(
            context -> {
              assertThat(context).hasNotFailed();
              assertThat(context.getBean(RotationService.class).store()).isEmpty();
            });
  }

  @Test
  void leavesAnEmbeddedDatabaseAlone() {
    runner
        .withBean(EmbeddedDatabase.class, () -> mock(EmbeddedDatabase.class))
        .withPropertyValues("latchkey.datasource.secret=orders-db")
        .run(
            context -> {
              assertThat(context).hasNotFailed();
              assertThat(secrets.reads()).isEmpty();
            });
  }

  @Test
  void leavesThePoolAloneWhenThePropertyIsEmpty(CapturedOutput output) {
    runner
        .withPropertyValues("latchkey.datasource.secret=", "spring.datasource.password=local")
        .run(context -> assertThat(pool(context).getCredentialsProvider()).isNull());
    runner
        .withPropertyValues(
            "latchkey.datasources.dataSource.secret=", "spring.datasource.password=local")
        .run(
            context -> {
              assertThat(context).hasNotFailed();
              assertThat(pool(context).getCredentialsProvider()).isNull();
              assertThat(output).doesNotContain("there is no DataSource");
            });
  }

  @Test
  void leavesThePoolAloneWhenLatchkeyIsDisabled() {
    runner
        .withPropertyValues("latchkey.enabled=false", "latchkey.datasource.secret=orders-db")
        .run(context -> assertThat(pool(context).getCredentialsProvider()).isNull());
  }

  @Test
  void warnsWhenThereIsNoDataSource(CapturedOutput output) {
    new ApplicationContextRunner()
        .withConfiguration(
            AutoConfigurations.of(
                HikariSecretAutoConfiguration.class, SecretClientAutoConfiguration.class))
        .withPropertyValues("latchkey.datasource.secret=orders-db")
        .run(
            context -> {
              assertThat(context).hasNotFailed();
              assertThat(output)
                  .contains(
                      "latchkey.datasource.secret=orders-db is not used: there is no DataSource");
            });
  }

  @Test
  void createsNoDataSourceWhenItIsLazy() {
    runner
        .withInitializer(
            context ->
                context.addBeanFactoryPostProcessor(
                    beans -> beans.getBeanDefinition("dataSource").setLazyInit(true)))
        .withPropertyValues("latchkey.datasource.secret=orders-db")
        .run(
            context -> {
              assertThat(
                      context
                          .getSourceApplicationContext()
                          .getBeanFactory()
                          .containsSingleton("dataSource"))
                  .isFalse();
              assertCredentials(pool(context), "app", "first");
            });
  }

  @Test
  void suggestsTheNearestSecretWhenNoneHasThatName() {
    fails(runner.withPropertyValues("latchkey.datasource.secret=order-db"))
        .tells(
            "latchkey.datasource.secret=order-db: there is no secret named 'order-db'",
            "Did you mean 'orders-db'?");
    fails(runner.withPropertyValues("latchkey.datasource.secret=payments"))
        .tells(
            "latchkey.datasource.secret=payments: there is no secret named 'payments'",
            "Add latchkey.secrets.payments.reference=vault@secret/payments.");
  }

  @Test
  void namesTheFieldThatTheSecretLacks() {
    fails(
            runner.withPropertyValues(
                "latchkey.datasource.secret=reports-db", "latchkey.datasource.password-field=word"))
        .tells(
            "latchkey.datasource.secret=reports-db: the secret has no field 'username' (found name,"
                + " word)",
            "Set latchkey.datasource.username-field to the name of the field, or add 'username' to"
                + " the secret.");
    fails(
            runner.withPropertyValues(
                "latchkey.datasources.dataSource.secret=reports-db",
                "latchkey.datasources.dataSource.username-field=name"))
        .tells(
            "latchkey.datasources.dataSource.secret=reports-db: the secret has no field 'password'"
                + " (found name, word)",
            "Set latchkey.datasources.dataSource.password-field to the name of the field, or add"
                + " 'password' to the secret.");
  }

  @Test
  void failsWhenADataSourceIsNotAPoolOfHikari() {
    String action =
        "Add com.zaxxer:HikariCP, and set no other spring.datasource.type. Other pools keep the"
            + " username and password that they were created with: refer to the fields of the"
            + " secret in their properties, and restart when it rotates.";
    ApplicationContextRunner secret =
        runner.withPropertyValues("latchkey.datasource.secret=orders-db");
    fails(secret.withBean("simple", DataSource.class, SimpleDriverDataSource::new))
        .tells(
            "latchkey.datasource.secret=orders-db: the data source 'simple' is not a HikariCP pool"
                + " but a org.springframework.jdbc.datasource.SimpleDriverDataSource",
            action);
    fails(
            secret
                .withClassLoader(new FilteredClassLoader("com.zaxxer.hikari"))
                .withBean("simple", DataSource.class, SimpleDriverDataSource::new))
        .tells(
            "latchkey.datasource.secret=orders-db: the data source 'simple' is not a HikariCP pool"
                + " but a org.springframework.jdbc.datasource.SimpleDriverDataSource",
            action);
  }

  @Test
  void failsWhenThePoolHasAPasswordOfItsOwn() {
    fails(
            runner.withPropertyValues(
                "latchkey.datasource.secret=orders-db", "spring.datasource.password=hunter2"))
        .tells(
            "latchkey.datasource.secret=orders-db: the pool 'dataSource' also has a password of its"
                + " own from spring.datasource.password (\"spring.datasource.password\" from"
                + " property source \"test\")",
            "Remove the password: the secret provides one for each connection. To use the password"
                + " instead, for example in a development profile, set the secret's property to an"
                + " empty value there.");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        URL + "?ssl=true&password=hunter2",
        "jdbc:postgresql://db/shop?user=root",
        "jdbc:mysql://root:hunter2@db/shop",
        "jdbc:mysql://root@db:3306,other/shop",
        "jdbc:mysql:loadbalance://root:hunter2@db,other/shop",
        "jdbc:mysql://(host=db,user=root,password=hunter2)/shop",
        "jdbc:mysql://address=(host=db)(user=root)/shop",
        "jdbc:mariadb://db/shop?USER=root",
        "jdbc:oracle:thin:scott/tiger@//db:1521/shop",
        "jdbc:sqlserver://db;databaseName=shop;user=sa;password=hunter2",
        "jdbc:sqlserver://db; userName = sa",
        "jdbc:h2:mem:shop;USER=sa",
        "jdbc:db2://db:50000/shop:user=root;password=hunter2;"
      })
  void failsWhenTheUrlHoldsCredentials(String url) {
    fails(
            runner.withPropertyValues(
                "latchkey.datasource.secret=orders-db",
                "spring.datasource.driver-class-name=org.postgresql.Driver",
                "spring.datasource.url=" + url))
        .tells(
            "latchkey.datasource.secret=orders-db: the URL of the pool 'dataSource' holds a"
                + " username or password, which the driver prefers",
            "Remove it from the URL.");
  }

  @Test
  void failsWhenThePoolHasAlreadyStarted() {
    fails(
            runner
                .withBean("started", HikariDataSource.class, HikariSecretClientTests::startedPool)
                .withPropertyValues("latchkey.datasource.secret=orders-db"))
        .tells(
            "latchkey.datasource.secret=orders-db: the pool 'started' has already started, with"
                + " other credentials",
            "Create it with DataSourceBuilder, or with new HikariDataSource() and its setters. It"
                + " then starts with its first connection.");
  }

  @Test
  void failsWhenNoDataSourceHasThatName() {
    fails(
            runner
                .withUserConfiguration(TwoPools.class)
                .withPropertyValues("latchkey.datasources.reportingPol.secret=reports-db"))
        .tells(
            "latchkey.datasources.reportingPol: there is no DataSource named 'reportingPol' (found"
                + " ordersPool, reportingPool)",
            "Did you mean latchkey.datasources.reportingPool?");
  }

  @Test
  void failsWhenNoneOfSeveralDataSourcesIsPrimary() {
    fails(
            runner
                .withBean("one", HikariDataSource.class, HikariSecretClientTests::newPool)
                .withBean("two", HikariDataSource.class, HikariSecretClientTests::newPool)
                .withPropertyValues("latchkey.datasource.secret=orders-db"))
        .tells(
            "latchkey.datasource.secret=orders-db matches several beans of type DataSource, and"
                + " none is primary: one, two",
            "Set latchkey.datasources.one.secret=orders-db for the intended one.");
  }

  @Test
  void failsWhenADataSourceNamesNoSecret() {
    fails(runner.withPropertyValues("latchkey.datasources.dataSource.username-field=name"))
        .tells(
            "latchkey.datasources.dataSource.secret is not set",
            "Name a secret of latchkey.secrets, or remove the other properties of this bean.");
  }

  @Test
  void failsWhenTheDrainIsNegative() {
    fails(
            runner.withPropertyValues(
                "latchkey.datasource.secret=orders-db", "latchkey.datasource.drain=-1s"))
        .tells(
            "Invalid latchkey.datasource.drain 'PT-1S'",
            "Set it to a duration of zero or more, or remove it.");
  }

  private static HikariDataSource pool(AssertableApplicationContext context) {
    return context.getBean(HikariDataSource.class);
  }

  private static HikariDataSource newPool() {
    return DataSourceBuilder.create().type(HikariDataSource.class).url(URL).build();
  }

  private static HikariDataSource startedPool() {
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(URL);
    config.setInitializationFailTimeout(-1);
    config.setMinimumIdle(0);
    return new HikariDataSource(config);
  }

  private static void assertCredentials(HikariDataSource pool, String username, String password) {
    Credentials credentials = pool.getCredentialsProvider().getCredentials();
    assertThat(credentials.getUsername()).isEqualTo(username);
    assertThat(credentials.getPassword()).isEqualTo(password);
  }

  private static Failure fails(ApplicationContextRunner runner) {
    Failure[] failure = new Failure[1];
    runner.run(context -> failure[0] = new Failure(context.getStartupFailure()));
    return failure[0];
  }

  private record Failure(Throwable cause) {

    void tells(String description, String action) {
      Throwable root = NestedExceptionUtils.getMostSpecificCause(cause);
      assertThat(root).isInstanceOf(LatchkeyException.class).hasMessageStartingWith(description);
      assertThat(root).hasMessageNotContaining("hunter2");
      assertThat(((LatchkeyException) root).action()).isEqualTo(action);
    }
  }

  private static final class ContainerDetails implements JdbcConnectionDetails {

    @Override
    public String getUsername() {
      return "container";
    }

    @Override
    public String getPassword() {
      return "of-the-container";
    }

    @Override
    public String getJdbcUrl() {
      return URL;
    }
  }

  @Configuration(proxyBeanMethods = false)
  static class PoolOfAContainer {

    @Bean
    HikariDataSource ordersPool(JdbcConnectionDetails details) {
      HikariDataSource pool = newPool();
      pool.setUsername(details.getUsername());
      pool.setPassword(details.getPassword());
      return pool;
    }

    @Bean(defaultCandidate = false)
    HikariDataSource reportingPool() {
      return newPool();
    }
  }

  @Configuration(proxyBeanMethods = false)
  static class Audit {

    private final RotatingSecret orders;

    Audit(@RotatingKey("orders-db") RotatingSecret orders) {
      this.orders = orders;
    }
  }

  @Configuration(proxyBeanMethods = false)
  static class TwoPools {

    @Bean
    HikariDataSource ordersPool() {
      return newPool();
    }

    @Bean(defaultCandidate = false)
    HikariDataSource reportingPool() {
      return newPool();
    }
  }
}
