package dev.latchkey.autoconfigure;

import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** The configuration metadata that the build makes for this module. */
record ConfigurationMetadata(List<Property> properties, List<Hint> hints) {

  static ConfigurationMetadata load() {
    try {
      Path classes =
          Path.of(
              LatchkeyAutoConfiguration.class
                  .getProtectionDomain()
                  .getCodeSource()
                  .getLocation()
                  .toURI());
      return JsonMapper.builder()
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .build()
          .readValue(
              classes.resolve("META-INF/spring-configuration-metadata.json").toFile(),
              ConfigurationMetadata.class);
    } catch (URISyntaxException ex) {
      throw new IllegalStateException(ex);
    }
  }

  Stream<String> hintsFor(String name) {
    return hints.stream()
        .filter(each -> each.name().equals(name))
        .flatMap(each -> each.values().stream())
        .map(value -> String.valueOf(value.value()));
  }

  record Property(
      String name,
      @Nullable String type,
      @Nullable String description,
      @Nullable Object defaultValue) {}

  record Hint(String name, List<Value> values) {}

  record Value(Object value) {}
}
