package dev.latchkey.secret;

import dev.latchkey.LatchkeyException;
import java.math.BigDecimal;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The text of a field's JSON value, if it has one. */
final class SecretText {

  private SecretText() {}

  static String of(SecretReference reference, @Nullable Object value) {
    String text = scalar(value);
    if (text != null) {
      return text;
    }
    throw new LatchkeyException(
        "'%s' is %s, not a text".formatted(reference, kind(value)),
        "Write field '%s' of %s as a string, a number or a boolean."
            .formatted(reference.field(), reference.path()));
  }

  /** Collects the texts in a value by their paths. */
  static void collect(String path, @Nullable Object value, Map<String, String> texts) {
    String text = scalar(value);
    if (text != null) {
      texts.put(path, text);
    } else if (value instanceof Map<?, ?> object) {
      object.forEach((name, nested) -> collect(path + "." + name, nested, texts));
    } else if (value instanceof List<?> list) {
      for (int i = 0; i < list.size(); i++) {
        collect("%s[%d]".formatted(path, i), list.get(i), texts);
      }
    }
  }

  private static @Nullable String scalar(@Nullable Object value) {
    if (value instanceof CharSequence || value instanceof Boolean) {
      return value.toString();
    }
    return value instanceof Number number ? text(number) : null;
  }

  /** Never with an exponent: {@code 1.0E7} is not a port or an account number. */
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
