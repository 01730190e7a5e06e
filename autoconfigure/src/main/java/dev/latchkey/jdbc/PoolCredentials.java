package dev.latchkey.jdbc;

import com.zaxxer.hikari.HikariCredentialsProvider;
import com.zaxxer.hikari.util.Credentials;
import dev.latchkey.secret.RotatingSecret;
import dev.latchkey.secret.SecretVersion;
import org.jspecify.annotations.Nullable;

/** Gives a pool user and password of the secret's version in use, for each connection anew. */
final class PoolCredentials implements HikariCredentialsProvider {

  private final RotatingSecret secret;
  private final PoolSettings settings;
  private final @Nullable String username;

  /**
   * @param username the pool's own user, where the secret holds none
   */
  PoolCredentials(RotatingSecret secret, PoolSettings settings, @Nullable String username) {
    this.secret = secret;
    this.settings = settings;
    this.username = username;
  }

  @Override
  public Credentials getCredentials() {
    SecretVersion version = secret.current();
    return Credentials.of(username(version), version.get(settings.passwordField()));
  }

  private String username(SecretVersion version) {
    String field = settings.usernameField();
    return username == null || version.fields().contains(field) ? version.get(field) : username;
  }
}
