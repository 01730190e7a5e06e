package dev.latchkey.rabbitmq;

import dev.latchkey.autoconfigure.internal.Durations;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * RabbitMQ connections that log in with a rotating secret.
 *
 * @param secret Name of the secret, as in latchkey.secrets, that provides username and password for
 *     RabbitMQ connections.
 * @param usernameField Field of the secret that holds the username. If the secret has no such
 *     field, the username is spring.rabbitmq.username.
 * @param passwordField Field of the secret that holds the password.
 * @param drain How long work in progress on a connection, such as a transaction, may continue after
 *     the credentials rotate. At most a quarter of the credentials' maximum lifetime.
 */
@ConfigurationProperties("latchkey.rabbitmq")
record LatchkeyRabbitProperties(
    @Nullable String secret,
    @DefaultValue("username") String usernameField,
    @DefaultValue("password") String passwordField,
    @DefaultValue("30s") Duration drain) {

  LatchkeyRabbitProperties {
    Durations.requireNotNegative("latchkey.rabbitmq.drain", drain);
  }
}
