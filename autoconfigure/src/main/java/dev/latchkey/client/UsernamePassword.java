package dev.latchkey.client;

import dev.latchkey.secret.SecretValue;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Username and password of one version of a secret. They always belong together, whatever rotates
 * between the two calls. Never printed.
 *
 * @since 0.1
 */
public final class UsernamePassword {

  private final RotatingCredentials origin;
  private final SecretValue value;
  private final @Nullable String username;
  private final String password;

  UsernamePassword(
      RotatingCredentials origin, SecretValue value, @Nullable String username, String password) {
    this.origin = origin;
    this.value = value;
    this.username = username;
    this.password = password;
  }

  /** Whether there is a username, from the secret or as the client's default. */
  public boolean hasUsername() {
    return username != null;
  }

  /**
   * The username.
   *
   * @throws dev.latchkey.LatchkeyException if there is none
   */
  public String username() {
    return username != null ? username : origin.requiredUsername(value);
  }

  public String password() {
    return password;
  }

  boolean isOf(SecretValue other) {
    return value == other;
  }

  /** Equal if both log in the same way, even if they are of different versions. */
  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof UsernamePassword that
        && Objects.equals(username, that.username)
        && password.equals(that.password);
  }

  @Override
  public int hashCode() {
    return Objects.hash(username, password);
  }

  @Override
  public String toString() {
    return "UsernamePassword[%s]".formatted(value);
  }
}
