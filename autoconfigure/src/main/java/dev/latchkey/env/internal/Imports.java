package dev.latchkey.env.internal;

import dev.latchkey.LatchkeyException;
import dev.latchkey.StoreUnavailableException;
import dev.latchkey.env.internal.imports.SecretConfigDataResource;
import dev.latchkey.env.internal.imports.SecretImport;
import dev.latchkey.secret.AbsentSecretException;
import dev.latchkey.secret.SecretReference;
import dev.latchkey.secret.SecretValue;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.util.StringUtils;

/** The imported properties by name, for each import that has been read. */
final class Imports {

  private static final Logger logger = LoggerFactory.getLogger(Imports.class);

  /** Properties that select configuration files and profiles, in any spelling, and references. */
  private static final List<ConfigurationPropertyName> NEVER_IMPORTED =
      names("latchkey", "spring.config", "spring.profiles");

  /**
   * What decides how the application itself runs. A writer of the path could otherwise run code
   * through it, unless the application imports the path for that purpose.
   */
  private static final List<ConfigurationPropertyName> NEEDS_PREFIX =
      names("logging", "management", "spring.main");

  private final Map<SecretImport, Map<String, Text>> known = new ConcurrentHashMap<>();

  /**
   * The value of a property.
   *
   * @param isSecret whether the value is from the store and must not be parsed
   */
  record Text(String text, boolean isSecret) {

    @Override
    public String toString() {
      return "Text[isSecret=%s]".formatted(isSecret);
    }
  }

  @Nullable Map<String, Text> get(SecretImport imported) {
    return known.get(imported);
  }

  /**
   * Imports the fields that another property source overrides, if it overrides any.
   *
   * @return whether fields are overridden
   */
  boolean takeOverridden(SecretImport imported, RawProperties properties) {
    Map<String, String> overrides = properties.overrides(imported.path());
    if (overrides.isEmpty()) {
      return false;
    }
    put(imported, overrides, text -> new Text(text, false));
    return true;
  }

  void take(SecretImport imported, SecretValue data) {
    put(imported, data.texts(), text -> new Text(text, true));
  }

  /**
   * Imports nothing, if the import is optional.
   *
   * @return false if the import is not optional, or does not tolerate the reason
   */
  boolean takeNothing(SecretConfigDataResource resource, LatchkeyException reason) {
    if (!resource.mayBeMissing()
        || !(reason instanceof AbsentSecretException
            || reason instanceof StoreUnavailableException
            || reason instanceof LatchkeyDisabledException)) {
      return false;
    }
    logger.warn("Import {} skipped: {}", resource, reason.getMessage());
    known.put(resource.imported(), Map.of());
    return true;
  }

  private void put(
      SecretImport imported, Map<String, String> fields, Function<String, Text> toText) {
    Map<String, Text> properties = new LinkedHashMap<>();
    fields.forEach(
        (field, text) -> {
          String name = imported.prefix() + field;
          ConfigurationPropertyName property = ConfigurationPropertyName.adapt(name, '.');
          if (name.startsWith(SecretReference.PREFIX) || isIn(NEVER_IMPORTED, property)) {
            logger.warn(
                "Import {}: ignored property '{}', which an import cannot set", imported, name);
          } else if (isIn(NEEDS_PREFIX, property) && !isIn(NEEDS_PREFIX, imported.prefix())) {
            logger.warn(
                "Import {}: ignored property '{}', which decides how the application runs. To import"
                    + " it, give the import a prefix such as 'management.'",
                imported,
                name);
          } else {
            properties.put(name, toText.apply(text));
          }
        });
    known.put(imported, properties);
  }

  private static boolean isIn(List<ConfigurationPropertyName> names, String prefix) {
    return isIn(
        names,
        ConfigurationPropertyName.adapt(StringUtils.trimTrailingCharacter(prefix, '.'), '.'));
  }

  private static boolean isIn(
      List<ConfigurationPropertyName> names, ConfigurationPropertyName property) {
    return names.stream().anyMatch(each -> each.equals(property) || each.isAncestorOf(property));
  }

  private static List<ConfigurationPropertyName> names(String... names) {
    return Stream.of(names).map(ConfigurationPropertyName::of).toList();
  }
}
