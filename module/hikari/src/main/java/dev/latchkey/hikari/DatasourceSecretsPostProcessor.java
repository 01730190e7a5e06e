package dev.latchkey.hikari;

import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.core.Ordered;
import org.springframework.core.PriorityOrdered;
import org.springframework.core.env.Environment;
import org.springframework.util.ClassUtils;

/**
 * Gives each data source its secret before it opens a connection, and finds at the end of a start
 * what no data source took. Knows of no pool by itself, so that none need be there.
 */
final class DatasourceSecretsPostProcessor
    implements BeanPostProcessor, PriorityOrdered, SmartInitializingSingleton, AutoCloseable {

  private static final Logger logger =
      LoggerFactory.getLogger(DatasourceSecretsPostProcessor.class);

  private static final String DETAILS =
      "org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails";

  /** Boot's own, made of {@code spring.datasource}: it is always there, and package-private. */
  private static final String DETAILS_OF_PROPERTIES =
      "org.springframework.boot.jdbc.autoconfigure.PropertiesJdbcConnectionDetails";

  /** What takes a data source's place in a test. */
  private static final String EMBEDDED =
      "org.springframework.jdbc.datasource.embedded.EmbeddedDatabase";

  private static final String HIKARI = "com.zaxxer.hikari.HikariDataSource";

  private final ConfigurableListableBeanFactory beans;
  private final Environment environment;
  private final Set<String> given = new HashSet<>();
  private @Nullable DatasourceSecrets secrets;
  private @Nullable PoolSecrets pools;

  DatasourceSecretsPostProcessor(ConfigurableListableBeanFactory beans, Environment environment) {
    this.beans = beans;
    this.environment = environment;
  }

  /** After those that set a data source's properties, and before those that wrap it. */
  @Override
  public int getOrder() {
    return Ordered.HIGHEST_PRECEDENCE + 10;
  }

  @Override
  public Object postProcessBeforeInitialization(Object bean, String name) {
    if (bean instanceof DataSource dataSource && !secrets().isEmpty()) {
      secrets().of(name).ifPresent(secret -> give(dataSource, secret));
    }
    return bean;
  }

  @Override
  public void afterSingletonsInstantiated() {
    if (secrets().isEmpty()) {
      return;
    }
    List<DatasourceSecret> all = secrets().all();
    if (all.isEmpty() && secrets().namePrimary()) {
      logger.warn("latchkey.datasource.secret is set, but there is no data source");
    }
    all.stream()
        .filter(secret -> !given.contains(secret.bean()) && beans.containsSingleton(secret.bean()))
        .forEach(secret -> give(beans.getBean(secret.bean(), DataSource.class), secret));
  }

  private void give(DataSource dataSource, DatasourceSecret secret) {
    given.add(secret.bean());
    if (!secret.secret().yieldsTo(connectionDetails(secret.bean()), DETAILS_OF_PROPERTIES)
        && !isInstance(EMBEDDED, dataSource)) {
      if (!isPresent(HIKARI)) {
        throw secret.noPool(dataSource);
      }
      pools().give(dataSource, secret);
    }
  }

  /** Those that a data source was made with. */
  private Stream<? extends Class<?>> connectionDetails(String dataSource) {
    if (!isPresent(DETAILS)) {
      return Stream.empty();
    }
    List<String> madeWith = List.of(beans.getDependenciesForBean(dataSource));
    return Arrays.stream(beans.getBeanNamesForType(resolve(DETAILS), true, false))
        .filter(madeWith::contains)
        .<@Nullable Class<?>>map(beans::getType)
        .filter(Objects::nonNull);
  }

  private boolean isInstance(String type, Object bean) {
    return isPresent(type) && resolve(type).isInstance(bean);
  }

  private boolean isPresent(String type) {
    return ClassUtils.isPresent(type, beans.getBeanClassLoader());
  }

  private Class<?> resolve(String type) {
    return ClassUtils.resolveClassName(type, beans.getBeanClassLoader());
  }

  private PoolSecrets pools() {
    if (pools == null) {
      pools = new PoolSecrets(beans, environment);
    }
    return pools;
  }

  private DatasourceSecrets secrets() {
    if (secrets == null) {
      secrets = new DatasourceSecrets(beans.getBean(LatchkeyDatasourceProperties.class), beans);
    }
    return secrets;
  }

  @Override
  public void close() {
    if (pools != null) {
      pools.close();
    }
  }
}
