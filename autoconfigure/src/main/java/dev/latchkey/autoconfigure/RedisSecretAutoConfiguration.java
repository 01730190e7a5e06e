package dev.latchkey.autoconfigure;

import dev.latchkey.LatchkeyException;
import dev.latchkey.redis.RotatingRedisCredentials;
import dev.latchkey.secret.RotatingSecret;
import dev.latchkey.secret.RotatingSecrets;
import io.lettuce.core.ClientOptions.ReauthenticateBehavior;
import io.lettuce.core.RedisCredentialsProvider;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.data.redis.autoconfigure.DataRedisConnectionDetails;
import org.springframework.boot.data.redis.autoconfigure.LettuceClientConfigurationBuilderCustomizer;
import org.springframework.boot.data.redis.autoconfigure.LettuceClientOptionsBuilderCustomizer;
import org.springframework.context.annotation.Bean;

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
@ConditionalOnProperty("latchkey.redis.secret")
@EnableConfigurationProperties(LatchkeyRedisProperties.class)
public final class RedisSecretAutoConfiguration {

  private static final String BOOTS_OWN =
      "org.springframework.boot.data.redis.autoconfigure.PropertiesDataRedisConnectionDetails";

  @Bean
  LettuceClientConfigurationBuilderCustomizer latchkeyRedisCredentials(
      LatchkeyRedisProperties properties,
      RotatingSecrets secrets,
      ObjectProvider<DataRedisConnectionDetails> details) {
    RotatingSecret secret = secret(properties, secrets);
    return builder -> {
      if (details.stream().allMatch(each -> each.getClass().getName().equals(BOOTS_OWN))) {
        builder.redisCredentialsProviderFactory(
            new RotatingRedisCredentials(
                secret, properties.usernameField(), properties.passwordField()));
      }
    };
  }

  @Bean
  LettuceClientOptionsBuilderCustomizer latchkeyRedisReauthentication() {
    return options -> options.reauthenticateBehavior(ReauthenticateBehavior.ON_NEW_CREDENTIALS);
  }

  private static RotatingSecret secret(
      LatchkeyRedisProperties properties, RotatingSecrets secrets) {
    try {
      return secrets.get(String.valueOf(properties.secret()));
    } catch (LatchkeyException ex) {
      throw new LatchkeyException("latchkey.redis.secret: " + ex.getMessage(), ex.action(), ex);
    }
  }
}
