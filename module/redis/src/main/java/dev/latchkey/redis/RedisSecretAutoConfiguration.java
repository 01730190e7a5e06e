package dev.latchkey.redis;

import dev.latchkey.client.ConditionalOnSecret;
import dev.latchkey.client.SecretClients;
import io.lettuce.core.ClientOptions.ReauthenticateBehavior;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.data.redis.autoconfigure.ClientResourcesBuilderCustomizer;
import org.springframework.boot.data.redis.autoconfigure.LettuceClientConfigurationBuilderCustomizer;
import org.springframework.boot.data.redis.autoconfigure.LettuceClientOptionsBuilderCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Role;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;

/**
 * Auto-configuration of Redis connections through Lettuce that log in with a rotating secret.
 *
 * @since 0.1
 */
@AutoConfiguration(
    beforeName = "org.springframework.boot.data.redis.autoconfigure.DataRedisAutoConfiguration")
@ConditionalOnBooleanProperty(name = "latchkey.enabled", matchIfMissing = true)
@ConditionalOnSecret(
    value = "latchkey.redis.secret",
    library = {
      "io.lettuce.core.RedisCredentialsProvider",
      "org.springframework.boot.data.redis.autoconfigure.LettuceClientConfigurationBuilderCustomizer"
    },
    starter = "org.springframework.boot:spring-boot-starter-data-redis")
@EnableConfigurationProperties(LatchkeyRedisProperties.class)
public final class RedisSecretAutoConfiguration {

  @Bean
  @Role(BeanDefinition.ROLE_INFRASTRUCTURE)
  static RedisSecretClient latchkeyRedisSecretClient() {
    return new RedisSecretClient();
  }

  @Bean
  LettuceClientConfigurationBuilderCustomizer latchkeyRedisCredentials(
      SecretClients clients, RedisSecretClient client) {
    return builder -> clients.connect(client, builder, RedisSecretClient.BEAN);
  }

  /** Runs first, so that an application's customizer can replace what it sets. */
  @Bean
  @Order(Ordered.HIGHEST_PRECEDENCE)
  ClientResourcesBuilderCustomizer latchkeyRedisRejections(RedisSecretClient client) {
    return resources -> resources.nettyCustomizer(client.rejections());
  }

  @Bean
  LettuceClientOptionsBuilderCustomizer latchkeyRedisReauthentication() {
    return options -> options.reauthenticateBehavior(ReauthenticateBehavior.ON_NEW_CREDENTIALS);
  }
}
