package dev.latchkey.keyset;

import com.google.crypto.tink.KeyTemplates;
import com.google.crypto.tink.KeysetHandle;
import com.google.crypto.tink.Parameters;
import dev.latchkey.LatchkeyException;
import dev.latchkey.NearestName;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What new keys of a keyset are like, by the name that Tink gives it.
 *
 * @param name such as {@code AES256_GCM}
 * @param family what such keys can be used for
 * @since 0.1
 */
public record KeysetTemplate(String name, PrimitiveFamily family) {

  /**
   * Finds a template; costs no cryptographic set-up.
   *
   * @param name exactly as Tink spells it
   * @throws LatchkeyException if there is none of that name, with the nearest one
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

  /**
   * The template that makes keys with these parameters. Every family must be registered.
   *
   * @param preferred taken where it is one of several
   */
  static Optional<KeysetTemplate> whichMakes(Parameters parameters, KeysetTemplate preferred) {
    return Stream.concat(Stream.of(preferred.name()), names().stream())
        .filter(name -> makes(name, parameters))
        .findFirst()
        .map(KeysetTemplate::of);
  }

  private static boolean makes(String name, Parameters parameters) {
    try {
      return KeyTemplates.get(name).toParameters().equals(parameters);
    } catch (GeneralSecurityException ex) {
      return false; // unknown in this Java runtime, so no key of it was parsed
    }
  }

  /** The names of all templates. */
  public static List<String> names() {
    return Arrays.stream(PrimitiveFamily.values())
        .flatMap(family -> family.templates().stream())
        .toList();
  }

  /**
   * What Tink makes a new key from.
   *
   * @throws LatchkeyException if such keys cannot be used with the Tink and the Java that run
   */
  public Parameters parameters() {
    family.register();
    try {
      Parameters parameters = KeyTemplates.get(name).toParameters();
      if (TemplateNames.needsProvider(name)) {
        new LiveKeyset(family, () -> false).swap(KeysetHandle.generateNew(parameters));
      }
      return parameters;
    } catch (GeneralSecurityException | LatchkeyException ex) {
      throw new LatchkeyException(
          "Keys of template '%s' cannot be used in this Java runtime".formatted(name),
          TemplateNames.needsProvider(name)
              ? "Add a cryptographic provider that knows it: org.conscrypt:conscrypt-openjdk-uber;"
                  + " or use another template."
              : "Use Tink 1.24 or later, and in FIPS mode a template that FIPS 140-2 allows.",
          ex);
    }
  }

  /**
   * Whether what its keys make carries the key's id, so that the right key is found at once: false
   * for the {@code RAW} variants, streaming encryption and pseudo-random functions.
   */
  public boolean hasKeyId() {
    return parameters().hasIdRequirement();
  }

  /**
   * Whether it makes keys without an id although the family has ids: a {@code RAW} variant. Each
   * older key must be tried, so that the cost of a call grows with every rotation.
   */
  public boolean isRawVariant() {
    return family != PrimitiveFamily.STREAMING_AEAD && family != PrimitiveFamily.PRF && !hasKeyId();
  }
}
