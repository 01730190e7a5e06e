package dev.latchkey.vault.internal.login;

import dev.latchkey.LatchkeyException;
import dev.latchkey.vault.internal.login.VaultLoginProperties.Authentication;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.springframework.util.ClassUtils;
import org.springframework.util.StringUtils;

/** Says what a method of logging in lacks. */
final class LoginInput {

  private LoginInput() {}

  /**
   * The value of the property {@code latchkey.vault.<name>}, which the method cannot do without.
   */
  static String required(Authentication method, String name, @Nullable String value, String what) {
    if (!StringUtils.hasText(value)) {
      throw missing(method, VaultLoginProperties.PREFIX + "." + name, what);
    }
    return value;
  }

  static LatchkeyException missing(Authentication method, String property, String what) {
    return new LatchkeyException(
        "%s is not set, which %s needs".formatted(property, setting(method)),
        "Set it to %s, or log in otherwise.".formatted(what));
  }

  /** Fails unless a class is there that Spring Vault uses for this method only. */
  static void requireLibrary(Authentication method, String type, String library) {
    if (!ClassUtils.isPresent(type, null)) {
      throw new LatchkeyException(
          "%s is not on the class path, which %s needs".formatted(library, setting(method)),
          "Add the dependency %s, or log in otherwise.".formatted(library));
    }
  }

  static Path path(String property, String file) {
    try {
      return Path.of(file);
    } catch (InvalidPathException ex) {
      throw new LatchkeyException(
          "%s is no path of a file".formatted(property), "Set it to the path of a file.");
    }
  }

  private static String setting(Authentication method) {
    return "%s.authentication=%s"
        .formatted(
            VaultLoginProperties.PREFIX, method.name().toLowerCase(Locale.ROOT).replace('_', '-'));
  }
}
