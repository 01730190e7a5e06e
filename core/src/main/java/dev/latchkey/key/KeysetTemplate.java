package dev.latchkey.key;

import dev.latchkey.LatchkeyException;
import dev.latchkey.internal.NearestName;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;

/**
 * The Tink key template that a keyset creates new keys from.
 *
 * @param name such as {@code AES256_GCM}
 * @param family what such keys can be used for
 * @since 0.1
 */
public record KeysetTemplate(String name, PrimitiveFamily family) {

  private static final Pattern RAW =
      Pattern.compile(".*(_RAW|WithRawOutput|_NO_PREFIX|_WITHOUT_PREFIX)");

  /**
   * Finds a template by its name, without initializing any cryptography.
   *
   * @param name exactly as Tink spells it
   * @throws LatchkeyException if there is no such template, with the nearest name
   */
  public static KeysetTemplate of(String name) {
    for (PrimitiveFamily family : PrimitiveFamily.values()) {
      if (family.templates().contains(name)) {
        return new KeysetTemplate(name, family);
      }
    }
    throw new LatchkeyException(
        "There is no key template '%s'".formatted(name),
        NearestName.of(name, names())
            .map("Did you mean '%s'?"::formatted)
            .orElse("Use the name of a Tink key template, such as 'AES256_GCM'."));
  }

  /** The names of all templates. */
  public static List<String> names() {
    return Arrays.stream(PrimitiveFamily.values())
        .flatMap(family -> family.templates().stream())
        .toList();
  }

  /**
   * Whether it creates keys without an id although its family has ids: a {@code RAW} variant. Tink
   * must try every older key, so that the cost of a call grows with each rotation.
   */
  public boolean isRawVariant() {
    return RAW.matcher(name).matches();
  }

  /** Whether the JDK alone cannot use its keys. */
  public boolean needsProvider() {
    return name.contains("_GCM_SIV") || name.contains("_ML_DSA_");
  }
}
