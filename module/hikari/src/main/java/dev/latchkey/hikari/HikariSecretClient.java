package dev.latchkey.hikari;

import dev.latchkey.LatchkeyException;
import dev.latchkey.autoconfigure.internal.DaemonThreads;
import dev.latchkey.client.RotatingCredentials;
import dev.latchkey.client.SecretClient;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Supplier;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.core.env.Environment;
import org.springframework.util.ClassUtils;

/** Connects data sources. It loads without HikariCP, so that another pool can be refused. */
final class HikariSecretClient implements SecretClient<DataSource>, AutoCloseable {

  /** What replaces a data source in a test. */
  private static final String EMBEDDED =
      "org.springframework.jdbc.datasource.embedded.EmbeddedDatabase";

  private static final String POOL = "com.zaxxer.hikari.HikariDataSource";

  private final Supplier<Duration> drain;
  private final @Nullable ClassLoader loader;
  private final Environment environment;
  private final ScheduledExecutorService executor = DaemonThreads.executor("latchkey-pool", 1);

  HikariSecretClient(
      Supplier<Duration> drain, @Nullable ClassLoader loader, Environment environment) {
    this.drain = drain;
    this.loader = loader;
    this.environment = environment;
  }

  @Override
  public String prefix() {
    return "latchkey.datasource";
  }

  @Override
  public String namedPrefix() {
    return "latchkey.datasources";
  }

  @Override
  public Class<DataSource> type() {
    return DataSource.class;
  }

  @Override
  public String connectionDetails() {
    return "org.springframework.boot.jdbc.autoconfigure.PropertiesJdbcConnectionDetails";
  }

  @Override
  public boolean accepts(DataSource dataSource) {
    return !ClassUtils.isPresent(EMBEDDED, loader)
        || !ClassUtils.resolveClassName(EMBEDDED, loader).isInstance(dataSource);
  }

  @Override
  public void connect(DataSource dataSource, String bean, RotatingCredentials credentials) {
    if (!ClassUtils.isPresent(POOL, loader)) {
      throw notAPool(dataSource, bean, credentials);
    }
    RotatingPool.prepare(
        new PoolChecks(bean, credentials, environment).pool(dataSource),
        bean,
        credentials,
        drain.get(),
        executor,
        Clock.systemUTC());
  }

  static LatchkeyException notAPool(
      DataSource dataSource, String bean, RotatingCredentials credentials) {
    return new LatchkeyException(
        "%s: the data source '%s' is not a HikariCP pool but a %s"
            .formatted(credentials, bean, ClassUtils.getUserClass(dataSource).getName()),
        "Add com.zaxxer:HikariCP, and set no other spring.datasource.type. Other pools keep the"
            + " username and password that they were created with: refer to the fields of the"
            + " secret in their properties, and restart when it rotates.");
  }

  @Override
  public void close() {
    executor.shutdownNow();
  }
}
