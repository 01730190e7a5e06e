package dev.latchkey.docs;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URL;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.convert.ApplicationConversionService;
import org.springframework.util.ClassUtils;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The properties with configuration metadata on the class path. */
final class KnownProperties {

  private final Map<String, String> types = new HashMap<>();

  static KnownProperties load() {
    KnownProperties properties = new KnownProperties();
    try {
      for (URL url :
          Collections.list(
              KnownProperties.class
                  .getClassLoader()
                  .getResources("META-INF/spring-configuration-metadata.json"))) {
        try (InputStream stream = url.openStream()) {
          for (JsonNode each : JsonMapper.shared().readTree(stream).get("properties")) {
            properties.types.put(
                each.get("name").stringValue(), each.path("type").asString("java.lang.String"));
          }
        }
      }
      return properties;
    } catch (IOException ex) {
      throw new UncheckedIOException(ex);
    }
  }

  /** The problem of a property, or null. */
  @Nullable String problem(String name, String value) {
    Optional<String> type = type(name);
    if (type.isEmpty()) {
      return "There is no property named " + name;
    }
    if (!type.get().startsWith("java.util.") && !value.contains("${")) {
      Class<?> target = ClassUtils.resolveClassName(type.get(), null);
      try {
        ApplicationConversionService.getSharedInstance().convert(value, target);
      } catch (RuntimeException ex) {
        return "%s=%s is not a %s".formatted(name, value, target.getSimpleName());
      }
    }
    return null;
  }

  private Optional<String> type(String name) {
    return types.entrySet().stream()
        .filter(
            each ->
                pattern(each.getKey()).matcher(name).matches()
                    || (each.getValue().startsWith("java.util.Map")
                        && name.startsWith(each.getKey() + ".")))
        .map(Map.Entry::getValue)
        .findFirst();
  }

  private static Pattern pattern(String name) {
    return Pattern.compile(name.replace(".", "\\.").replace("*", "[a-z0-9-]+"));
  }
}
