package dev.latchkey.rabbitmq;

import dev.latchkey.autoconfigure.internal.Durations;
import dev.latchkey.client.ClientProperties;
import dev.latchkey.client.ClientSecret;
import dev.latchkey.secret.LoginFields;
import java.time.Duration;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * RabbitMQ connections that take user and password from a secret that rotates.
 *
 * @param secret Name of the secret, as in latchkey.secrets, that gives user and password of
 *     RabbitMQ connections.
 * @param usernameField Field of the secret that holds the user. A secret without it gives the
 *     password alone, and the user is spring.rabbitmq.username.
 * @param passwordField Field of the secret that holds the password.
 * @param drain How long what has begun on a connection, such as a transaction, may go on after
 *     other credentials took the place of those that it was opened with. At most a quarter of the
 *     credentials' greatest lifetime.
 */
@ConfigurationProperties("latchkey.rabbitmq")
record LatchkeyRabbitProperties(
    @Nullable String secret,
    @DefaultValue("username") String usernameField,
    @DefaultValue("password") String passwordField,
    @DefaultValue("30s") Duration drain)
    implements ClientProperties {

  LatchkeyRabbitProperties {
    Durations.requireNotNegative("latchkey.rabbitmq.drain", drain);
  }

  @Override
  public Stream<String> secrets() {
    return Stream.ofNullable(secret);
  }

  ClientSecret client() {
    return new ClientSecret(
        "latchkey.rabbitmq.secret",
        String.valueOf(secret),
        new LoginFields(usernameField, passwordField));
  }
}
