package dev.latchkey.env.internal.imports;

import dev.latchkey.LatchkeyException;
import dev.latchkey.secret.SecretReference;
import java.util.regex.Pattern;

/**
 * An import of all fields of a path as properties.
 *
 * @param path the path
 * @param prefix the prefix of the property names, followed by the name of the field
 */
public record SecretImport(SecretReference path, String prefix) {

  /** Prefix of a location in {@code spring.config.import}. */
  static final String LOCATION = "latchkey:";

  public static final String PROPERTY = "spring.config.import";

  private static final String EXAMPLE =
      "Use a location such as 'latchkey:secret/orders-db?prefix=spring.datasource.', with the options"
          + " prefix= and version= joined by '&'.";

  private static final Pattern PREFIX = Pattern.compile("[A-Za-z0-9_.\\[\\]-]*");

  /**
   * Parses the part of a location after {@code latchkey:}.
   *
   * @throws LatchkeyException if it has no path, or an unknown option
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
            "Invalid option '%s' in location '%s%s'".formatted(option, LOCATION, text), EXAMPLE);
      }
    }
    if (!PREFIX.matcher(prefix).matches()) {
      throw new LatchkeyException(
          "Invalid prefix '%s': it contains a character that property names cannot contain"
              .formatted(prefix),
          EXAMPLE);
    }
    return new SecretImport(
        SecretReference.parsePath(SecretReference.PREFIX + parts[0] + version), prefix);
  }

  /** Returns the location as it is written in {@code spring.config.import}. */
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
