package dev.latchkey.annotation;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.springframework.boot.context.properties.source.ConfigurationPropertySource;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.context.properties.source.IterableConfigurationPropertySource;
import org.springframework.core.env.Environment;

/** Tells where in the configuration a property stands: file and line, or the variable's name. */
final class PropertyOrigins {

  private final List<IterableConfigurationPropertySource> sources = new ArrayList<>();

  private PropertyOrigins() {}

  static PropertyOrigins of(Environment environment) {
    PropertyOrigins origins = new PropertyOrigins();
    for (ConfigurationPropertySource source : ConfigurationPropertySources.get(environment)) {
      if (source instanceof IterableConfigurationPropertySource iterable) {
        origins.sources.add(iterable);
      }
    }
    return origins;
  }

  /** The property, or the first one below it, with its origin in brackets where that is known. */
  String describe(String property) {
    return sources.stream().flatMap(source -> find(source, property)).findFirst().orElse(property);
  }

  // Compared as text: to the names themselves, 'order-data' and 'orderdata' are equal.
  private static Stream<String> find(IterableConfigurationPropertySource source, String property) {
    return source.stream()
        .filter(name -> (name + ".").startsWith(property + "."))
        .map(source::getConfigurationProperty)
        .filter(Objects::nonNull)
        .map(
            found ->
                Optional.ofNullable(found.getOrigin())
                    .map(origin -> "%s (%s)".formatted(found.getName(), origin))
                    .orElse(found.getName().toString()));
  }
}
