package dev.latchkey.env;

import dev.latchkey.LatchkeyException;
import dev.latchkey.StoreUnavailableException;
import dev.latchkey.secret.AbsentSecretException;
import dev.latchkey.secret.SecretValue;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What was imported so far: properties by name, for each import. */
final class Imports {

  private static final Logger logger = LoggerFactory.getLogger(Imports.class);

  /** What chooses configuration files and profiles, in any spelling; and answers to references. */
  private static final Pattern NEVER_IMPORTED =
      Pattern.compile("(?i)spring\\.(config|profiles)([.\\[].*)?|latchkey\\.enabled|vault@.*");

  private final Map<SecretImport, Map<String, Text>> known = new ConcurrentHashMap<>();

  /**
   * The value of a property.
   *
   * @param isSecret whether it came from the store, so that nothing in it is parsed
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
   * Takes the fields that another property source answers for the store, if it answers any.
   *
   * @return whether it does
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
   * Takes it that there is nothing to import, if that may be so.
   *
   * @return false if the import is not optional, or the reason not one that it is optional for
   */
  boolean takeNothing(SecretConfigDataResource resource, LatchkeyException reason) {
    if (!resource.mayBeMissing()
        || !(reason instanceof AbsentSecretException
            || reason instanceof StoreUnavailableException
            || reason instanceof SwitchedOffException)) {
      return false;
    }
    logger.warn("Nothing is imported from {}: {}", resource, reason.getMessage());
    known.put(resource.imported(), Map.of());
    return true;
  }

  private void put(
      SecretImport imported, Map<String, String> fields, Function<String, Text> toText) {
    Map<String, Text> properties = new LinkedHashMap<>();
    fields.forEach(
        (field, text) -> {
          String name = imported.prefix() + field;
          if (NEVER_IMPORTED.matcher(name).matches()) {
            logger.warn("'{}' in {} is left out: no import can set it", name, imported);
          } else {
            properties.put(name, toText.apply(text));
          }
        });
    known.put(imported, properties);
  }
}
