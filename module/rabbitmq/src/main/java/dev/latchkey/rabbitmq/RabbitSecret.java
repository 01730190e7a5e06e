package dev.latchkey.rabbitmq;

import com.rabbitmq.client.ConnectionFactory;
import dev.latchkey.client.ClientSecret;
import dev.latchkey.secret.RotatingSecret;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.amqp.autoconfigure.ConnectionFactoryCustomizer;
import org.springframework.boot.amqp.autoconfigure.RabbitConnectionDetails;
import org.springframework.core.env.Environment;

/**
 * Gives Boot's connection factory its secret, and finds at the end of a start that there was none
 * to give it to.
 */
final class RabbitSecret implements ConnectionFactoryCustomizer, SmartInitializingSingleton {

  /** Boot's bean. */
  static final String CLIENT = "rabbitConnectionFactory";

  private static final String BOOTS_OWN =
      "org.springframework.boot.amqp.autoconfigure.PropertiesRabbitConnectionDetails";

  private final ClientSecret wanted;
  private final ConfigurableListableBeanFactory beans;
  private final Environment environment;
  private final ObjectProvider<RabbitConnectionDetails> details;
  private boolean asked;
  private @Nullable RotatingSecret given;

  RabbitSecret(
      ClientSecret wanted,
      ConfigurableListableBeanFactory beans,
      Environment environment,
      ObjectProvider<RabbitConnectionDetails> details) {
    this.wanted = wanted;
    this.beans = beans;
    this.environment = environment;
    this.details = details;
  }

  @Override
  public void customize(ConnectionFactory factory) {
    asked = true;
    if (!wanted.yieldsTo(details.stream().map(Object::getClass), BOOTS_OWN)) {
      RotatingSecret secret = wanted.lendTo(CLIENT, beans, environment);
      wanted.requirePassword(secret.current());
      factory.setCredentialsProvider(
          new RotatingRabbitCredentials(secret, wanted.fields(), factory.getUsername()));
      given = secret;
    }
  }

  /** The secret, unless user and password come from elsewhere. */
  Optional<RotatingSecret> given() {
    return Optional.ofNullable(given);
  }

  @Override
  public void afterSingletonsInstantiated() {
    if (!asked) {
      wanted.refuse(
          org.springframework.amqp.rabbit.connection.ConnectionFactory.class,
          beans,
          "Let Spring Boot make it, or make a RotatingConnectionFactory of two of yours, whose"
              + " credentials provider is a RotatingRabbitCredentials");
    }
  }
}
