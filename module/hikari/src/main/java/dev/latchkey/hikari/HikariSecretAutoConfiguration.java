package dev.latchkey.hikari;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Role;
import org.springframework.core.env.Environment;

/**
 * Auto-configuration of HikariCP pools that log in with a rotating secret.
 *
 * @since 0.1
 */
@AutoConfiguration
@ConditionalOnBooleanProperty(name = "latchkey.enabled", matchIfMissing = true)
@EnableConfigurationProperties(LatchkeyDatasourceProperties.class)
public final class HikariSecretAutoConfiguration {

  @Bean
  @Role(BeanDefinition.ROLE_INFRASTRUCTURE)
  static HikariSecretClient latchkeyHikariSecretClient(
      ObjectProvider<LatchkeyDatasourceProperties> properties,
      ConfigurableListableBeanFactory beans,
      Environment environment) {
    return new HikariSecretClient(
        () -> properties.getObject().datasource().drain(), beans.getBeanClassLoader(), environment);
  }
}
