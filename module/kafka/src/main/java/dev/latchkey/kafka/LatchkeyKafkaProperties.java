package dev.latchkey.kafka;

import dev.latchkey.client.ClientProperties;
import dev.latchkey.client.ClientSecret;
import dev.latchkey.secret.LoginFields;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Kafka clients that take user and password from a secret that rotates.
 *
 * @param secret Name of the secret, as in latchkey.secrets, that gives user and password of Kafka
 *     clients.
 * @param usernameField Field of the secret that holds the user.
 * @param passwordField Field of the secret that holds the password.
 */
@ConfigurationProperties("latchkey.kafka")
record LatchkeyKafkaProperties(
    @Nullable String secret,
    @DefaultValue("username") String usernameField,
    @DefaultValue("password") String passwordField)
    implements ClientProperties {

  @Override
  public Stream<String> secrets() {
    return Stream.ofNullable(secret);
  }

  ClientSecret client() {
    return new ClientSecret(
        "latchkey.kafka.secret",
        String.valueOf(secret),
        new LoginFields(usernameField, passwordField));
  }
}
