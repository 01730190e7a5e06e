package dev.latchkey.secret;

import dev.latchkey.LatchkeyException;
import dev.latchkey.internal.PercentEncoding;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Parses one {@link SecretReference} from left to right, and points at the first invalid character.
 */
final class ReferenceParser {

  private static final String EXAMPLE =
      "Write a reference as vault@mount/path#field, such as vault@secret/orders-db#password, with"
          + " an optional ?version=3 or ?generate=32 before the '#'. Percent-encode other characters of"
          + " a name, such as %20 for a space.";

  private static final int MAX_DIGITS = 18;

  private static final Pattern ESCAPES = Pattern.compile("(?:%[0-9A-Fa-f]{2})+");

  /** What a decoder makes of bytes that are not UTF-8. */
  private static final char UNDECODABLE = '\uFFFD';

  private final String text;
  private int position;

  ReferenceParser(String text) {
    this.text = text;
  }

  SecretReference parse(boolean withField) {
    if (!accept(SecretReference.PREFIX)) {
      throw refused("does not start with '" + SecretReference.PREFIX + "'", EXAMPLE);
    }
    String path = path();
    Long version = accept("?version=") ? number() : null;
    Integer generate = version == null && accept("?generate=") ? length() : null;
    String field = withField ? field() : null;
    if (!withField && generate != null) {
      throw refused(
          "requests to generate a whole path",
          "Only a field can be generated. Name it in a ${} placeholder, as in"
              + " ${%s%s?generate=%d#password}.".formatted(SecretReference.PREFIX, path, generate));
    }
    if (position < text.length()) {
      throw unexpected(
          withField || text.charAt(position) != '#'
              ? EXAMPLE
              : "Remove the field: this reference is to all fields of its path.");
    }
    return new SecretReference(path, version, generate, field);
  }

  private String path() {
    int start = position;
    name("a mount");
    if (!accept("/")) {
      throw unexpected("The mount must be followed by a path. " + EXAMPLE);
    }
    do {
      name("a path segment");
    } while (accept("/"));
    return PercentEncoding.encode(PercentEncoding.decode(text.substring(start, position)));
  }

  private String field() {
    if (!accept("#")) {
      throw unexpected(position == text.length() ? "Name the field. " + EXAMPLE : EXAMPLE);
    }
    return PercentEncoding.decode(name("a field"));
  }

  private String name(String what) {
    int start = position;
    while (position < text.length()
        && (PercentEncoding.isPlain(text.charAt(position)) || isEscape())) {
      if (text.charAt(position) == '.' && position > start && text.charAt(position - 1) == '.') {
        throw unexpected("'..' is not allowed: a reference never leaves its path.");
      }
      position++;
    }
    if (position == start) {
      throw unexpected(
          "Expected %s of letters, digits, '-', '_' and '.'. %s".formatted(what, EXAMPLE));
    }
    String name = text.substring(start, position);
    if (name.equals(".")) {
      position = start;
      throw unexpected("'.' is not a name. " + EXAMPLE);
    }
    return name;
  }

  /**
   * Whether a percent-encoded character is next; moves to its last digit. A character that needs no
   * escape has none, so that there is one way to write a name.
   */
  private boolean isEscape() {
    Matcher escape = ESCAPES.matcher(text).region(position, text.length());
    if (!escape.lookingAt()) {
      return false;
    }
    String decoded = PercentEncoding.decode(escape.group());
    if (decoded.chars().anyMatch(c -> c == UNDECODABLE || c == '/' || Character.isISOControl(c))
        || decoded.chars().anyMatch(c -> PercentEncoding.isPlain((char) c))) {
      return false;
    }
    position = escape.end() - 1;
    return true;
  }

  private long number() {
    int start = position;
    while (position < text.length() && isDigit(text.charAt(position))) {
      if (position - start == MAX_DIGITS) {
        throw unexpected("The number is too long.");
      }
      position++;
    }
    if (position == start) {
      throw unexpected("Expected a number, 1 or more.");
    }
    if (text.charAt(start) == '0') {
      position = start;
      throw unexpected("Expected a number, 1 or more, without leading zeros.");
    }
    return Long.parseLong(text, start, position, 10);
  }

  private int length() {
    long length = number();
    if (length < SecretReference.MIN_GENERATED_LENGTH
        || length > SecretReference.MAX_GENERATED_LENGTH) {
      throw refused(
          "requests %d random characters".formatted(length),
          "Request at least %d (fewer can be guessed) and at most %d, such as ?generate=32."
              .formatted(
                  SecretReference.MIN_GENERATED_LENGTH, SecretReference.MAX_GENERATED_LENGTH));
    }
    return (int) length;
  }

  private boolean accept(String expected) {
    boolean found = text.startsWith(expected, position);
    position += found ? expected.length() : 0;
    return found;
  }

  private LatchkeyException unexpected(String action) {
    return refused(
        position == text.length()
            ? "ends unexpectedly at position %d".formatted(position + 1)
            : "has an unexpected %s at position %d"
                .formatted(display(text.codePointAt(position)), position + 1),
        action);
  }

  private LatchkeyException refused(String what, String action) {
    return new LatchkeyException("Reference '%s' %s".formatted(text, what), action);
  }

  private static String display(int character) {
    return character > ' ' && character < 0x7F
        ? "'" + Character.toString(character) + "'"
        : "character U+%04X".formatted(character);
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }
}
