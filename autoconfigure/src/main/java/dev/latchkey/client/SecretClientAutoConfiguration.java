package dev.latchkey.client;

import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.context.annotation.Bean;
import org.springframework.core.env.Environment;

/**
 * Auto-configuration of clients that log in with a rotating secret.
 *
 * @since 0.1
 */
@AutoConfiguration
@ConditionalOnBooleanProperty(name = "latchkey.enabled", matchIfMissing = true)
public final class SecretClientAutoConfiguration {

  @Bean
  static SecretClients latchkeySecretClients(
      ConfigurableListableBeanFactory beans, Environment environment) {
    return new SecretClients(beans, environment);
  }
}
