package dev.latchkey.client;

import dev.latchkey.LatchkeyException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.config.BeanFactoryPostProcessor;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.core.env.Environment;
import org.springframework.util.ClassUtils;

/**
 * Refuses a secret for a client whose libraries are not there: nothing would take it, and another
 * client, such as Jedis, would log in without.
 */
public final class ClientLibraries implements BeanFactoryPostProcessor {

  private static final List<Client> CLIENTS =
      List.of(
          new Client(
              "latchkey.redis.secret",
              "Lettuce",
              "spring-boot-starter-data-redis",
              "io.lettuce.core.RedisCredentialsProvider",
              "org.springframework.boot.data.redis.autoconfigure.LettuceClientConfigurationBuilderCustomizer"),
          new Client(
              "latchkey.kafka.secret",
              "Spring for Apache Kafka",
              "spring-boot-starter-kafka",
              "org.springframework.kafka.core.KafkaAdmin",
              "org.springframework.boot.kafka.autoconfigure.DefaultKafkaProducerFactoryCustomizer"),
          new Client(
              "latchkey.rabbitmq.secret",
              "Spring AMQP",
              "spring-boot-starter-amqp",
              "org.springframework.amqp.rabbit.connection.CachingConnectionFactory",
              "org.springframework.boot.amqp.autoconfigure.ConnectionFactoryCustomizer"));

  private final Environment environment;

  public ClientLibraries(Environment environment) {
    this.environment = environment;
  }

  /**
   * @throws LatchkeyException if a client that is to have a secret is not there
   */
  @Override
  public void postProcessBeanFactory(ConfigurableListableBeanFactory beans) {
    for (Client client : CLIENTS) {
      if (OnSecret.isNamed(client.property(), environment)
          && !client.isPresent(beans.getBeanClassLoader())) {
        throw new LatchkeyException(
            "%s=%s: nothing takes it, since %s or Spring Boot's module for it is not on the class path"
                .formatted(
                    client.property(),
                    environment.getProperty(client.property()),
                    client.library()),
            "Add org.springframework.boot:%s with all that it brings, or set %s to nothing."
                .formatted(client.starter(), client.property()));
      }
    }
  }

  /**
   * @param module a type of Spring Boot's module
   */
  private record Client(
      String property, String library, String starter, String type, String module) {

    boolean isPresent(@Nullable ClassLoader loader) {
      return ClassUtils.isPresent(type, loader) && ClassUtils.isPresent(module, loader);
    }
  }
}
