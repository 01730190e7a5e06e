package dev.latchkey.redis;

import dev.latchkey.client.RotatingCredentials;
import dev.latchkey.client.SecretClient;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.data.redis.connection.RedisConnectionFactory;
import org.springframework.data.redis.connection.lettuce.LettuceClientConfiguration.LettuceClientConfigurationBuilder;

/** Connects the connection factory that Spring Boot builds for Lettuce. */
final class RedisSecretClient implements SecretClient<LettuceClientConfigurationBuilder> {

  /** Name of Spring Boot's connection factory. */
  static final String BEAN = "redisConnectionFactory";

  private static final Logger logger = LoggerFactory.getLogger(RedisSecretClient.class);

  /** At level TRACE, it logs everything that is sent, passwords included. */
  private static final String LOGS_COMMANDS = "io.lettuce.core.protocol.CommandEncoder";

  private final LoginRejections rejections = new LoginRejections();

  LoginRejections rejections() {
    return rejections;
  }

  @Override
  public String prefix() {
    return "latchkey.redis";
  }

  @Override
  public Class<LettuceClientConfigurationBuilder> type() {
    return LettuceClientConfigurationBuilder.class;
  }

  @Override
  public Class<?> beanType() {
    return RedisConnectionFactory.class;
  }

  @Override
  public String connectionDetails() {
    return "org.springframework.boot.data.redis.autoconfigure.PropertiesDataRedisConnectionDetails";
  }

  @Override
  public String remedy() {
    return "Let Spring Boot create it with Lettuce. To keep yours, pass a RotatingRedisCredentials"
        + " to its redisCredentialsProviderFactory, and remove latchkey.redis.secret.";
  }

  @Override
  public void connect(
      LettuceClientConfigurationBuilder builder, String bean, RotatingCredentials credentials) {
    if (LoggerFactory.getLogger(LOGS_COMMANDS).isTraceEnabled()) {
      logger.warn(
          "{}: Lettuce logs passwords at level TRACE of {}; choose another level",
          credentials,
          LOGS_COMMANDS);
    }
    RotatingRedisCredentials provider = new RotatingRedisCredentials(credentials);
    rejections.report(provider);
    builder.redisCredentialsProviderFactory(provider);
  }
}
