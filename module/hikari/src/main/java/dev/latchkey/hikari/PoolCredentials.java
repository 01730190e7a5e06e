package dev.latchkey.hikari;

import com.zaxxer.hikari.HikariCredentialsProvider;
import com.zaxxer.hikari.util.Credentials;
import dev.latchkey.secret.LoginFields;
import dev.latchkey.secret.RotatingSecret;
import dev.latchkey.secret.SecretValue;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Gives a pool user and password of the secret's version in use, for each connection anew. */
final class PoolCredentials implements HikariCredentialsProvider {

  private final RotatingSecret secret;
  private final LoginFields fields;
  private final @Nullable String username;

  /**
   * @param username the pool's own user, where the secret holds none
   */
  PoolCredentials(RotatingSecret secret, LoginFields fields, @Nullable String username) {
    this.secret = secret;
    this.fields = fields;
    this.username = username;
  }

  @Override
  public Credentials getCredentials() {
    SecretValue version = secret.current();
    return Credentials.of(username(version), fields.password(version));
  }

  private String username(SecretValue version) {
    return fields
        .username(version)
        .or(() -> Optional.ofNullable(username))
        .orElseGet(() -> version.get(fields.usernameField()));
  }
}
