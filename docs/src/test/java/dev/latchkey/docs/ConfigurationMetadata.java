package dev.latchkey.docs;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URL;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * The configuration metadata of Latchkey's modules, sorted by name: everything in each {@code
 * spring-configuration-metadata.json} on the class path that defines a {@code latchkey} property.
 */
record ConfigurationMetadata(Collection<Property> properties) {

  private static final String LOCATION = "META-INF/spring-configuration-metadata.json";

  static ConfigurationMetadata load() {
    Map<String, Property> properties = new TreeMap<>();
    try {
      for (URL url :
          Collections.list(ConfigurationMetadata.class.getClassLoader().getResources(LOCATION))) {
        List<Property> found = read(url);
        if (found.stream().anyMatch(each -> each.name().startsWith("latchkey."))) {
          found.forEach(each -> properties.putIfAbsent(each.name(), each));
        }
      }
    } catch (IOException ex) {
      throw new UncheckedIOException(ex);
    }
    return new ConfigurationMetadata(properties.values());
  }

  private static List<Property> read(URL url) throws IOException {
    try (InputStream stream = url.openStream()) {
      return JsonMapper.builder()
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .build()
          .readValue(stream, Metadata.class)
          .properties();
    }
  }

  /** All properties that a user can set. A map is represented by the properties of its values. */
  Stream<Property> settable() {
    return properties.stream()
        .filter(
            each ->
                properties.stream()
                    .noneMatch(other -> other.name().startsWith(each.name() + ".*.")));
  }

  record Property(
      String name,
      @Nullable String type,
      @Nullable String description,
      @Nullable Object defaultValue) {}

  private record Metadata(List<Property> properties) {}
}
