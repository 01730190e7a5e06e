package dev.latchkey.client;

import dev.latchkey.LatchkeyException;
import dev.latchkey.secret.SecretValue;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.core.env.Environment;
import org.springframework.util.StringUtils;

/**
 * The secret of a client.
 *
 * @param prefix prefix of the properties that name it; null if code does
 * @param name name of the secret, as in {@code latchkey.secrets}
 */
record ClientSecret(
    @Nullable String prefix, String name, String usernameField, String passwordField) {

  /** The property as it is set. */
  String describe() {
    return prefix == null ? "secret " + name : "%s.secret=%s".formatted(prefix, name);
  }

  /**
   * A field of the secret.
   *
   * @param setting the property that names the field
   * @throws LatchkeyException if there is no such field
   */
  String require(String field, String setting, SecretValue value) {
    if (prefix != null && !value.fields().contains(field)) {
      throw new LatchkeyException(
          "%s: the secret has no field '%s' (found %s)"
              .formatted(describe(), field, String.join(", ", value.fields())),
          "Set %s.%s to the name of the field, or add '%s' to the secret."
              .formatted(prefix, setting, field));
    }
    return value.get(field);
  }

  /**
   * An empty property, or {@code false}, means that no secret is used, for example in a development
   * profile.
   */
  static boolean isNamed(@Nullable String name) {
    return StringUtils.hasText(name) && !name.equals("false");
  }

  static boolean isNamed(String property, Environment environment) {
    return isNamed(environment.getProperty(property));
  }

  /** The properties of one client. */
  record Settings(
      @Nullable String secret,
      @DefaultValue("username") String usernameField,
      @DefaultValue("password") String passwordField) {

    Optional<ClientSecret> below(String prefix) {
      return Optional.ofNullable(secret)
          .filter(ClientSecret::isNamed)
          .map(name -> new ClientSecret(prefix, name, usernameField, passwordField));
    }
  }
}
