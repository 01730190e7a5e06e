package dev.latchkey.secret;

import dev.latchkey.LatchkeyException;

/**
 * Reads one {@link SecretReference} from left to right, and points at the character that is wrong.
 */
final class ReferenceParser {

  private static final String EXAMPLE =
      "A reference reads vault@mount/path#field, such as vault@secret/orders-db#password;"
          + " ?version=3 or ?generate=32 may stand before the '#'.";

  private static final int MAX_DIGITS = 18;

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
          "asks to generate a whole path",
          "Only a field can be generated: name it in a ${} placeholder, as in"
              + " ${%s%s?generate=%d#password}.".formatted(SecretReference.PREFIX, path, generate));
    }
    if (position < text.length()) {
      throw unexpected(
          withField || text.charAt(position) != '#'
              ? EXAMPLE
              : "Leave the field out: this reference stands for all fields of its path.");
    }
    return new SecretReference(path, version, generate, field);
  }

  private String path() {
    int start = position;
    name("a mount");
    if (!accept("/")) {
      throw unexpected("A path must follow the mount. " + EXAMPLE);
    }
    do {
      name("a path segment");
    } while (accept("/"));
    return text.substring(start, position);
  }

  private String field() {
    if (!accept("#")) {
      throw unexpected(position == text.length() ? "Name the field. " + EXAMPLE : EXAMPLE);
    }
    return name("a field");
  }

  private String name(String what) {
    int start = position;
    while (position < text.length() && isNameCharacter(text.charAt(position))) {
      if (text.charAt(position) == '.' && position > start && text.charAt(position - 1) == '.') {
        throw unexpected("'..' is refused: a reference never leaves its path.");
      }
      position++;
    }
    if (position == start) {
      throw unexpected(
          "%s is expected there: letters, digits, '-', '_' and '.'. %s"
              .formatted(Character.toUpperCase(what.charAt(0)) + what.substring(1), EXAMPLE));
    }
    String name = text.substring(start, position);
    if (name.equals(".")) {
      position = start;
      throw unexpected("'.' alone names nothing. " + EXAMPLE);
    }
    return name;
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
      throw unexpected("A number is expected there: 1 or more.");
    }
    if (text.charAt(start) == '0') {
      position = start;
      throw unexpected("The number is 1 or more and starts with no zero.");
    }
    return Long.parseLong(text, start, position, 10);
  }

  private int length() {
    long length = number();
    if (length < SecretReference.MIN_GENERATED_LENGTH
        || length > SecretReference.MAX_GENERATED_LENGTH) {
      throw refused(
          "asks for %d random characters".formatted(length),
          "Ask for at least %d (fewer can be guessed) and at most %d, such as ?generate=32."
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
            ? "ends too early, at position %d".formatted(position + 1)
            : "has %s at position %d, where it cannot stand"
                .formatted(display(text.codePointAt(position)), position + 1),
        action);
  }

  private LatchkeyException refused(String what, String action) {
    return new LatchkeyException("The reference '%s' %s".formatted(text, what), action);
  }

  private static String display(int character) {
    return character > ' ' && character < 0x7F
        ? "'" + Character.toString(character) + "'"
        : "the character U+%04X".formatted(character);
  }

  private static boolean isNameCharacter(char c) {
    return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || isDigit(c) || "-_.".indexOf(c) >= 0;
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }
}
