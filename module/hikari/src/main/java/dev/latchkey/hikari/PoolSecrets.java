package dev.latchkey.hikari;

import com.zaxxer.hikari.HikariDataSource;
import dev.latchkey.LatchkeyException;
import dev.latchkey.autoconfigure.internal.DaemonThreads;
import dev.latchkey.secret.RotatingSecret;
import java.time.Clock;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import javax.sql.DataSource;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.core.env.Environment;

/** Gives a pool its secret. */
final class PoolSecrets implements AutoCloseable {

  private final ConfigurableListableBeanFactory beans;
  private final Environment environment;
  private final ScheduledThreadPoolExecutor executor;

  PoolSecrets(ConfigurableListableBeanFactory beans, Environment environment) {
    this.beans = beans;
    this.environment = environment;
    this.executor = DaemonThreads.executor("latchkey-pool", 1);
  }

  /**
   * @throws LatchkeyException if there is no such secret, if it lacks what a pool needs, or if this
   *     is no pool that could take it
   */
  void give(DataSource dataSource, DatasourceSecret wanted) {
    PoolChecks checks = new PoolChecks(wanted, environment);
    HikariDataSource pool = checks.pool(dataSource);
    RotatingSecret secret = wanted.secret().lendTo(wanted.bean(), beans, environment);
    checks.requireFields(secret.current(), pool);
    RotatingPool.prepare(
        pool,
        wanted.bean(),
        secret,
        new PoolSettings(wanted.secret().fields(), wanted.drain()),
        executor,
        Clock.systemUTC());
  }

  @Override
  public void close() {
    executor.shutdownNow();
  }
}
