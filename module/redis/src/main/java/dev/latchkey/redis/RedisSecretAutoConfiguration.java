package dev.latchkey.redis;

import dev.latchkey.client.ConditionalOnSecret;
import io.lettuce.core.ClientOptions.ReauthenticateBehavior;
import io.lettuce.core.RedisCredentialsProvider;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.data.redis.autoconfigure.ClientResourcesBuilderCustomizer;
import org.springframework.boot.data.redis.autoconfigure.DataRedisConnectionDetails;
import org.springframework.boot.data.redis.autoconfigure.LettuceClientConfigurationBuilderCustomizer;
import org.springframework.boot.data.redis.autoconfigure.LettuceClientOptionsBuilderCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.core.env.Environment;

/**
 * Auto-configuration of Redis connections through Lettuce that take user and password from a secret
 * that rotates. Connection details other than Boot's own, such as those of a container in a test,
 * win.
 *
 * @since 0.1
 */
@AutoConfiguration(
    beforeName = "org.springframework.boot.data.redis.autoconfigure.DataRedisAutoConfiguration")
@ConditionalOnClass({
  RedisCredentialsProvider.class,
  LettuceClientConfigurationBuilderCustomizer.class
})
@ConditionalOnBooleanProperty(name = "latchkey.enabled", matchIfMissing = true)
@ConditionalOnSecret("latchkey.redis.secret")
@EnableConfigurationProperties(LatchkeyRedisProperties.class)
public final class RedisSecretAutoConfiguration {

  @Bean
  LoginWatch latchkeyRedisLoginWatch() {
    return new LoginWatch();
  }

  /** The first of them, so that an application's own replaces what it sets. */
  @Bean
  @Order(Ordered.HIGHEST_PRECEDENCE)
  ClientResourcesBuilderCustomizer latchkeyRedisLogins(LoginWatch watch) {
    return resources -> resources.nettyCustomizer(watch);
  }

  @Bean
  RedisSecret latchkeyRedisSecret(
      LatchkeyRedisProperties properties,
      LoginWatch watch,
      ConfigurableListableBeanFactory beans,
      Environment environment,
      ObjectProvider<DataRedisConnectionDetails> details) {
    return new RedisSecret(properties.client(), watch, beans, environment, details);
  }

  @Bean
  LettuceClientOptionsBuilderCustomizer latchkeyRedisReauthentication() {
    return options -> options.reauthenticateBehavior(ReauthenticateBehavior.ON_NEW_CREDENTIALS);
  }
}
