package dev.latchkey.secret;

import java.util.Optional;

/**
 * Which fields of a secret hold the credentials of a client.
 *
 * @param usernameField field that holds the username
 * @param passwordField field that holds the password
 * @since 0.1
 */
public record LoginFields(String usernameField, String passwordField) {

  /**
   * The username and the password, from one version of the secret.
   *
   * @throws dev.latchkey.LatchkeyException if there is no password, or a field has no text
   */
  public Credentials credentials(SecretValue value) {
    return new Credentials(username(value).orElse(null), password(value), value.version());
  }

  /** The username, if the secret has one. */
  public Optional<String> username(SecretValue value) {
    return value.fields().contains(usernameField)
        ? Optional.of(value.get(usernameField))
        : Optional.empty();
  }

  /**
   * The password.
   *
   * @throws dev.latchkey.LatchkeyException if there is no such field, or if it has no text
   */
  public String password(SecretValue value) {
    return value.get(passwordField);
  }
}
