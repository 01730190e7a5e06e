package dev.latchkey.secret;

import dev.latchkey.LatchkeyException;
import java.math.BigDecimal;
import java.util.Collection;
import org.jspecify.annotations.Nullable;

/** The text of a field's JSON value, if it has one. */
final class SecretText {

  private SecretText() {}

  static String of(SecretReference reference, @Nullable Object value) {
    if (value instanceof CharSequence || value instanceof Boolean) {
      return value.toString();
    }
    if (value instanceof Number number) {
      return text(number);
    }
    throw new LatchkeyException(
        "'%s' is %s, which has no text".formatted(reference, kind(value)),
        "Only a text, a number, true or false can be looked up. Write '%s' at %s as one of these."
            .formatted(reference.field(), reference.path()));
  }

  /** Never in exponents: {@code 1.0E7} is no port and no account number. */
  private static String text(Number number) {
    return number instanceof Double || number instanceof Float || number instanceof BigDecimal
        ? new BigDecimal(number.toString()).toPlainString()
        : number.toString();
  }

  private static String kind(@Nullable Object value) {
    if (value == null) {
      return "null";
    }
    return value instanceof Collection ? "a list" : "a nested object";
  }
}
