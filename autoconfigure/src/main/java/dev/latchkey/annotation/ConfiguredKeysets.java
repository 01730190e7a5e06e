package dev.latchkey.annotation;

import dev.latchkey.LatchkeyException;
import dev.latchkey.keyset.KeysetId;
import dev.latchkey.keyset.KeysetTemplate;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.RuntimeHintsRegistrar;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.BindableRuntimeHintsRegistrar;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.core.env.Environment;

/**
 * Which keysets an application configures, by name, and of which template: all that is known before
 * there are beans.
 *
 * @param templates by the keyset's name, in the order of the configuration
 * @since 0.1
 */
public record ConfiguredKeysets(Map<String, KeysetTemplate> templates) {

  private static final String KEYSETS = "latchkey.keysets";
  private static final String SECRETS = "latchkey.secrets";

  /**
   * Reads the names and templates, and nothing else.
   *
   * @throws LatchkeyException if a name or a template cannot be used, or two names are too alike
   */
  public static ConfiguredKeysets from(Environment environment) {
    PropertyOrigins origins = PropertyOrigins.of(environment);
    Binder binder = Binder.get(environment);
    Map<String, Keyset> keysets = bind(binder, KEYSETS, Keyset.class);
    Map<String, Secret> secrets = bind(binder, SECRETS, Secret.class);
    requireDistinctNames(keysets, secrets, origins);
    Map<String, KeysetTemplate> templates = new LinkedHashMap<>();
    keysets.forEach((name, keyset) -> templates.put(name, template(name, keyset, origins)));
    return new ConfiguredKeysets(templates);
  }

  private static <T> Map<String, T> bind(Binder binder, String prefix, Class<T> type) {
    return binder.bind(prefix, Bindable.mapOf(String.class, type)).orElseGet(Map::of);
  }

  private static void requireDistinctNames(
      Map<String, Keyset> keysets, Map<String, Secret> secrets, PropertyOrigins origins) {
    Map<String, String> seen = new HashMap<>();
    keysets.keySet().forEach(name -> requireDistinct(KEYSETS + "." + name, name, seen, origins));
    secrets.keySet().forEach(name -> requireDistinct(SECRETS + "." + name, name, seen, origins));
  }

  private static void requireDistinct(
      String property, String name, Map<String, String> seen, PropertyOrigins origins) {
    try {
      KeysetId.requireName(name);
    } catch (LatchkeyException ex) {
      throw new LatchkeyException(
          "%s: %s".formatted(origins.describe(property), ex.getMessage()), ex.action());
    }
    String other = seen.putIfAbsent(name.replace("-", ""), property);
    if (other == null) {
      return;
    }
    String both = origins.describe(other) + " and " + origins.describe(property);
    if (other.endsWith("." + name)) {
      throw new LatchkeyException(
          "%s have one name".formatted(both),
          "Rename one: keysets and secrets are injected by name, so they share one space of"
              + " names.");
    }
    throw new LatchkeyException(
        "%s have names that differ only by dashes".formatted(both),
        "Rename one: environment variables cannot tell them apart. Nor can an environment variable"
            + " set a property of a name that has dashes: give the name none, or set the property"
            + " in another way, such as on the command line.");
  }

  private static KeysetTemplate template(String name, Keyset keyset, PropertyOrigins origins) {
    String property = "%s.%s.template".formatted(KEYSETS, name);
    if (keyset.template() == null || keyset.template().isBlank()) {
      throw new LatchkeyException(
          "%s is not set, but %s is"
              .formatted(property, origins.describe("%s.%s".formatted(KEYSETS, name))),
          "Name a Tink key template, such as %s=AES256_GCM.".formatted(property));
    }
    try {
      return KeysetTemplate.of(keyset.template());
    } catch (LatchkeyException ex) {
      throw new LatchkeyException(
          "%s: %s".formatted(origins.describe(property), ex.getMessage()), ex.action());
    }
  }

  private record Keyset(@Nullable String template) {}

  private record Secret(@Nullable String reference) {}

  /** Lets a native image bind them. */
  static final class Hints implements RuntimeHintsRegistrar {

    @Override
    public void registerHints(RuntimeHints hints, @Nullable ClassLoader classLoader) {
      BindableRuntimeHintsRegistrar.forTypes(Keyset.class, Secret.class)
          .registerHints(hints, classLoader);
    }
  }
}
