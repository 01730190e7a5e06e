package dev.latchkey.starter;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URL;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** The configuration metadata of all modules. */
record ConfigurationMetadata(List<Property> properties, List<Hint> hints) {

  private static final String RESOURCE = "META-INF/spring-configuration-metadata.json";

  private static final Set<String> MAPS =
      Set.of("latchkey.datasources", "latchkey.keysets", "latchkey.secrets");

  ConfigurationMetadata {
    properties = Objects.requireNonNullElse(properties, List.of());
    hints = Objects.requireNonNullElse(hints, List.of());
  }

  static ConfigurationMetadata load() {
    JsonMapper mapper =
        JsonMapper.builder().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();
    try {
      List<Property> properties = new ArrayList<>();
      List<Hint> hints = new ArrayList<>();
      for (URL each :
          Collections.list(ConfigurationMetadata.class.getClassLoader().getResources(RESOURCE))) {
        try (InputStream json = each.openStream()) {
          ConfigurationMetadata module = mapper.readValue(json, ConfigurationMetadata.class);
          properties.addAll(module.properties().stream().filter(Property::isOfLatchkey).toList());
          hints.addAll(module.hints());
        }
      }
      properties.sort(Comparator.comparing(Property::name));
      return new ConfigurationMetadata(properties, hints);
    } catch (IOException ex) {
      throw new UncheckedIOException(ex);
    }
  }

  /** All properties that a user can set: a map of groups is shown through its members. */
  Stream<Property> settable() {
    return properties.stream().filter(each -> !MAPS.contains(each.name()));
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
      @Nullable Object defaultValue,
      @Nullable String sourceType) {

    /** Includes Boot's own properties of our endpoint. */
    boolean isOfLatchkey() {
      return name.startsWith("latchkey.") || name.startsWith("management.endpoint.rotation.");
    }
  }

  record Hint(String name, List<Value> values) {}

  record Value(Object value) {}
}
