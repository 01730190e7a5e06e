package dev.latchkey.secret;

import java.util.Optional;

/**
 * Where a secret holds what a client logs in with.
 *
 * @param usernameField field that holds the user
 * @param passwordField field that holds the password
 * @since 0.1
 */
public record LoginFields(String usernameField, String passwordField) {

  /** The user, if the secret names one. */
  public Optional<String> username(SecretValue version) {
    return version.fields().contains(usernameField)
        ? Optional.of(version.get(usernameField))
        : Optional.empty();
  }

  /**
   * @throws dev.latchkey.LatchkeyException if there is no such field, or one that has no text
   */
  public String password(SecretValue version) {
    return version.get(passwordField);
  }
}
