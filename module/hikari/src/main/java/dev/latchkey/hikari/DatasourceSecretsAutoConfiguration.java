package dev.latchkey.hikari;

import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.core.env.Environment;

/**
 * Auto-configuration of connection pools that take user and password from a secret that rotates.
 *
 * @since 0.1
 */
@AutoConfiguration
@ConditionalOnBooleanProperty(name = "latchkey.enabled", matchIfMissing = true)
@EnableConfigurationProperties(LatchkeyDatasourceProperties.class)
public final class DatasourceSecretsAutoConfiguration {

  @Bean
  static DatasourceSecretsPostProcessor latchkeyDatasourceSecretsPostProcessor(
      ConfigurableListableBeanFactory beans, Environment environment) {
    return new DatasourceSecretsPostProcessor(beans, environment);
  }
}
