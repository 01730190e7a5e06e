package dev.latchkey.autoconfigure;

import dev.latchkey.redis.LoginWatch;
import dev.latchkey.redis.RotatingRedisCredentials;
import dev.latchkey.secret.RotatingSecret;
import io.lettuce.core.ClientOptions.ReauthenticateBehavior;
import io.lettuce.core.RedisCredentialsProvider;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
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
@ConditionalOnProperty("latchkey.redis.secret")
@EnableConfigurationProperties(LatchkeyRedisProperties.class)
public final class RedisSecretAutoConfiguration {

  private static final Logger logger = LoggerFactory.getLogger(RedisSecretAutoConfiguration.class);

  /** At TRACE it logs all that is sent, passwords included. */
  private static final String LOGS_COMMANDS = "io.lettuce.core.protocol.CommandEncoder";

  private static final String BOOTS_OWN =
      "org.springframework.boot.data.redis.autoconfigure.PropertiesDataRedisConnectionDetails";

  /** The bean that opens connections. */
  private static final String CLIENT = "redisConnectionFactory";

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
  LettuceClientConfigurationBuilderCustomizer latchkeyRedisCredentials(
      LatchkeyRedisProperties properties,
      LoginWatch watch,
      ConfigurableListableBeanFactory beans,
      Environment environment,
      ObjectProvider<DataRedisConnectionDetails> details) {
    ClientSecret wanted = properties.client();
    return builder -> {
      if (!wanted.yieldsTo(details.stream().map(Object::getClass), BOOTS_OWN)) {
        RotatingSecret secret = wanted.lendTo(CLIENT, beans, environment);
        wanted.requirePassword(secret.current());
        warnOfTrace(wanted);
        RotatingRedisCredentials credentials =
            new RotatingRedisCredentials(secret, wanted.fields());
        watch.tell(credentials);
        builder.redisCredentialsProviderFactory(credentials);
      }
    };
  }

  @Bean
  LettuceClientOptionsBuilderCustomizer latchkeyRedisReauthentication() {
    return options -> options.reauthenticateBehavior(ReauthenticateBehavior.ON_NEW_CREDENTIALS);
  }

  private static void warnOfTrace(ClientSecret wanted) {
    if (LoggerFactory.getLogger(LOGS_COMMANDS).isTraceEnabled()) {
      logger.warn(
          "{}: Lettuce writes passwords into the log, at level TRACE of {}. Set another level for it",
          wanted.describe(),
          LOGS_COMMANDS);
    }
  }
}
