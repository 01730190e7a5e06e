package dev.latchkey.vault.internal.login;

import static dev.latchkey.vault.internal.login.VaultLoginProperties.PREFIX;

import dev.latchkey.LatchkeyException;
import dev.latchkey.vault.internal.login.VaultLoginProperties.Authentication;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.springframework.util.ClassUtils;
import org.springframework.util.StringUtils;

/** Reports what an authentication method requires and does not have. */
record RequiredInput(Authentication method) {

  /** The value of the property {@code latchkey.vault.<name>}. */
  String value(String name, @Nullable String value, String what) {
    if (!StringUtils.hasText(value)) {
      throw missing(PREFIX + "." + name, what);
    }
    return value;
  }

  LatchkeyException missing(String property, String what) {
    return new LatchkeyException(
        "%s is not set, but %s requires it".formatted(property, this),
        "Set it to %s, or use another authentication method.".formatted(what));
  }

  /** Fails if a class is missing that Spring Vault uses only for this method. */
  void library(String type, String library) {
    if (!ClassUtils.isPresent(type, null)) {
      throw new LatchkeyException(
          "%s is not on the class path, but %s requires it".formatted(library, this),
          "Add the dependency %s, or use another authentication method.".formatted(library));
    }
  }

  @Override
  public String toString() {
    return "%s.authentication=%s"
        .formatted(PREFIX, method.name().toLowerCase(Locale.ROOT).replace('_', '-'));
  }
}
