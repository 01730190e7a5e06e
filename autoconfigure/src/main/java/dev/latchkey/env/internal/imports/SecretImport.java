package dev.latchkey.env.internal.imports;

import dev.latchkey.LatchkeyException;
import dev.latchkey.secret.SecretReference;
import java.util.regex.Pattern;

/**
 * The fields of a path as properties of their own.
 *
 * @param path where they lie
 * @param prefix what the properties' names start with; the fields' names follow
 */
public record SecretImport(SecretReference path, String prefix) {

  /** What starts a location of {@code spring.config.import}. */
  static final String LOCATION = "latchkey:";

  public static final String PROPERTY = "spring.config.import";

  private static final String EXAMPLE =
      "It reads latchkey:mount/path, such as latchkey:secret/orders-db?prefix=spring.datasource. ;"
          + " several options, prefix= and version=, are joined by '&'.";

  private static final Pattern PREFIX = Pattern.compile("[A-Za-z0-9_.\\[\\]-]*");

  /**
   * Parses what follows {@code latchkey:} in a location.
   *
   * @throws LatchkeyException if it names no path, or has an option that is none
   */
  static SecretImport parse(String text) {
    String[] parts = text.split("\\?", 2);
    String version = "";
    String prefix = "";
    for (String option : parts.length > 1 ? parts[1].split("&", -1) : new String[0]) {
      if (option.startsWith("prefix=")) {
        prefix = option.substring("prefix=".length());
      } else if (option.startsWith("version=")) {
        version = "?" + option;
      } else {
        throw new LatchkeyException(
            "'%s' is no option of the location '%s%s'".formatted(option, LOCATION, text), EXAMPLE);
      }
    }
    if (!PREFIX.matcher(prefix).matches()) {
      throw new LatchkeyException(
          "The prefix '%s' holds a character that no property's name has".formatted(prefix),
          EXAMPLE);
    }
    return new SecretImport(
        SecretReference.parsePath(SecretReference.PREFIX + parts[0] + version), prefix);
  }

  /** As it stands in {@code spring.config.import}. */
  @Override
  public String toString() {
    String location = LOCATION + path.path();
    if (path.version() != null) {
      location += "?version=" + path.version();
    }
    return prefix.isEmpty()
        ? location
        : location + (path.version() != null ? "&" : "?") + "prefix=" + prefix;
  }
}
