package dev.latchkey.rabbitmq;

import com.rabbitmq.client.impl.CredentialsProvider;
import dev.latchkey.secret.LoginFields;
import dev.latchkey.secret.RotatingSecret;

/**
 * Gives RabbitMQ's client user and password of a secret that rotates, for each connection anew.
 *
 * @since 0.1
 */
public final class RotatingRabbitCredentials implements CredentialsProvider {

  private final RotatingSecret secret;
  private final LoginFields fields;
  private final String username;

  /**
   * @param username the user where the secret names none
   */
  public RotatingRabbitCredentials(RotatingSecret secret, LoginFields fields, String username) {
    this.secret = secret;
    this.fields = fields;
    this.username = username;
  }

  @Override
  public String getUsername() {
    return fields.username(secret.current()).orElse(username);
  }

  @Override
  public String getPassword() {
    return fields.password(secret.current());
  }
}
