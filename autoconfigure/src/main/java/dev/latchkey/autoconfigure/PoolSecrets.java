package dev.latchkey.autoconfigure;

import com.zaxxer.hikari.HikariDataSource;
import dev.latchkey.LatchkeyException;
import dev.latchkey.NearestName;
import dev.latchkey.annotation.ConfiguredKeysets;
import dev.latchkey.jdbc.RotatingPool;
import dev.latchkey.secret.RotatingSecret;
import java.time.Clock;
import java.util.Arrays;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.springframework.beans.factory.annotation.BeanFactoryAnnotationUtils;
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
    this.executor = new ScheduledThreadPoolExecutor(1, DaemonThreads.named("latchkey-pool"));
    executor.setKeepAliveTime(10, TimeUnit.SECONDS);
    executor.allowCoreThreadTimeOut(true);
    executor.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
  }

  /**
   * @throws LatchkeyException if there is no such secret, if it lacks what a pool needs, or if this
   *     is no pool that could take it
   */
  void give(DataSource dataSource, DatasourceSecret wanted) {
    PoolChecks checks = new PoolChecks(wanted, environment);
    HikariDataSource pool = checks.pool(dataSource);
    String bean = secretBean(wanted);
    RotatingSecret secret = beans.getBean(bean, RotatingSecret.class);
    checks.requireFields(secret.current(), pool);
    // closed in this order: the sessions of a pool, then the lease of their user
    beans.registerDependentBean(bean, wanted.bean());
    RotatingPool.prepare(
        pool, wanted.bean(), secret, wanted.settings(), executor, Clock.systemUTC());
  }

  private String secretBean(DatasourceSecret wanted) {
    return Arrays.stream(beans.getBeanNamesForType(RotatingSecret.class, true, false))
        .filter(bean -> isNamed(bean, wanted.secret()))
        .findFirst()
        .orElseThrow(() -> unknown(wanted));
  }

  private boolean isNamed(String bean, String secret) {
    return BeanFactoryAnnotationUtils.isQualifierMatch(secret::equals, bean, beans);
  }

  private LatchkeyException unknown(DatasourceSecret wanted) {
    String name = wanted.secret();
    return new LatchkeyException(
        "%s: there is no secret '%s'".formatted(wanted.describe(), name),
        NearestName.of(name, ConfiguredKeysets.from(environment).secrets())
            .map("Did you mean '%s'?"::formatted)
            .orElse(
                "Add it: latchkey.secrets.%s.reference=vault@secret/%s.".formatted(name, name)));
  }

  @Override
  public void close() {
    executor.shutdownNow();
  }
}
