package dev.latchkey.rabbitmq;

import com.rabbitmq.client.ConnectionFactory;
import dev.latchkey.client.RotatingCredentials;
import dev.latchkey.client.SecretClient;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Connects the connection factory that Spring Boot builds. */
final class RabbitSecretClient implements SecretClient<ConnectionFactory> {

  /** Name of Spring Boot's connection factory. */
  static final String BEAN = "rabbitConnectionFactory";

  private @Nullable RotatingCredentials credentials;

  @Override
  public String prefix() {
    return "latchkey.rabbitmq";
  }

  @Override
  public Class<ConnectionFactory> type() {
    return ConnectionFactory.class;
  }

  @Override
  public Class<?> beanType() {
    return org.springframework.amqp.rabbit.connection.ConnectionFactory.class;
  }

  @Override
  public String connectionDetails() {
    return "org.springframework.boot.amqp.autoconfigure.PropertiesRabbitConnectionDetails";
  }

  @Override
  public String remedy() {
    return "Let Spring Boot create it. To keep yours, create a RotatingConnectionFactory of two of"
        + " them, apply RotatingRabbitCredentials to both, and remove latchkey.rabbitmq.secret.";
  }

  @Override
  public void connect(ConnectionFactory factory, String bean, RotatingCredentials rotating) {
    RotatingCredentials own = rotating.withDefaultUsername(factory.getUsername());
    RotatingRabbitCredentials.applyTo(factory, own);
    credentials = own;
  }

  /** The credentials that the factory uses, unless connection details win. */
  Optional<RotatingCredentials> credentials() {
    return Optional.ofNullable(credentials);
  }
}
