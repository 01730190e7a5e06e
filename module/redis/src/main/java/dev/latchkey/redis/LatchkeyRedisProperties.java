package dev.latchkey.redis;

import dev.latchkey.client.ClientProperties;
import dev.latchkey.client.ClientSecret;
import dev.latchkey.secret.LoginFields;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Redis connections that take user and password from a secret that rotates.
 *
 * @param secret Name of the secret, as in latchkey.secrets, that gives user and password of Redis
 *     connections.
 * @param usernameField Field of the secret that holds the user. A secret without it gives the
 *     password of the default user.
 * @param passwordField Field of the secret that holds the password.
 */
@ConfigurationProperties("latchkey.redis")
record LatchkeyRedisProperties(
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
        "latchkey.redis.secret",
        String.valueOf(secret),
        new LoginFields(usernameField, passwordField));
  }
}
