package dev.latchkey.redis;

import dev.latchkey.client.ClientSecret;
import dev.latchkey.secret.RotatingSecret;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.data.redis.autoconfigure.DataRedisConnectionDetails;
import org.springframework.boot.data.redis.autoconfigure.LettuceClientConfigurationBuilderCustomizer;
import org.springframework.core.env.Environment;
import org.springframework.data.redis.connection.RedisConnectionFactory;
import org.springframework.data.redis.connection.lettuce.LettuceClientConfiguration.LettuceClientConfigurationBuilder;

/**
 * Gives Boot's connection factory its secret, and finds at the end of a start that there was none
 * to give it to.
 */
final class RedisSecret
    implements LettuceClientConfigurationBuilderCustomizer, SmartInitializingSingleton {

  private static final Logger logger = LoggerFactory.getLogger(RedisSecret.class);

  /** Boot's bean. */
  private static final String CLIENT = "redisConnectionFactory";

  /** At TRACE it logs all that is sent, passwords included. */
  private static final String LOGS_COMMANDS = "io.lettuce.core.protocol.CommandEncoder";

  private static final String BOOTS_OWN =
      "org.springframework.boot.data.redis.autoconfigure.PropertiesDataRedisConnectionDetails";

  private final ClientSecret wanted;
  private final LoginWatch watch;
  private final ConfigurableListableBeanFactory beans;
  private final Environment environment;
  private final ObjectProvider<DataRedisConnectionDetails> details;
  private boolean asked;

  RedisSecret(
      ClientSecret wanted,
      LoginWatch watch,
      ConfigurableListableBeanFactory beans,
      Environment environment,
      ObjectProvider<DataRedisConnectionDetails> details) {
    this.wanted = wanted;
    this.watch = watch;
    this.beans = beans;
    this.environment = environment;
    this.details = details;
  }

  @Override
  public void customize(LettuceClientConfigurationBuilder builder) {
    asked = true;
    if (!wanted.yieldsTo(details.stream().map(Object::getClass), BOOTS_OWN)) {
      RotatingSecret secret = wanted.lendTo(CLIENT, beans, environment);
      wanted.requirePassword(secret.current());
      warnOfTrace();
      RotatingRedisCredentials credentials = new RotatingRedisCredentials(secret, wanted.fields());
      watch.tell(credentials);
      builder.redisCredentialsProviderFactory(credentials);
    }
  }

  private void warnOfTrace() {
    if (LoggerFactory.getLogger(LOGS_COMMANDS).isTraceEnabled()) {
      logger.warn(
          "{}: Lettuce writes passwords into the log, at level TRACE of {}. Set another level for it",
          wanted.describe(),
          LOGS_COMMANDS);
    }
  }

  @Override
  public void afterSingletonsInstantiated() {
    if (!asked) {
      wanted.refuse(
          RedisConnectionFactory.class,
          beans,
          "Let Spring Boot make it, of Lettuce; or give yours a RotatingRedisCredentials by"
              + " redisCredentialsProviderFactory");
    }
  }
}
