package dev.latchkey.annotation.internal;

import dev.latchkey.property.internal.EffectiveProperty;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName.Form;
import org.springframework.boot.context.properties.source.ConfigurationPropertySource;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.context.properties.source.IterableConfigurationPropertySource;
import org.springframework.boot.origin.Origin;
import org.springframework.core.env.Environment;

/**
 * A name below a prefix, as in {@code latchkey.keysets.<name>.template}, and the first property
 * that has it.
 */
public record NamedProperties(String name, String property, @Nullable Origin origin) {

  /** Returns all names below a prefix as they are written, in the order of the configuration. */
  static List<NamedProperties> below(String prefix, Environment environment) {
    ConfigurationPropertyName parent = ConfigurationPropertyName.of(prefix);
    Map<String, NamedProperties> names = new LinkedHashMap<>();
    for (ConfigurationPropertySource source : ConfigurationPropertySources.get(environment)) {
      if (source instanceof IterableConfigurationPropertySource iterable) {
        iterable.stream()
            .filter(parent::isAncestorOf)
            .map(property -> of(property, parent, source))
            .forEach(named -> names.putIfAbsent(named.name, named));
      }
    }
    return List.copyOf(names.values());
  }

  private static NamedProperties of(
      ConfigurationPropertyName property,
      ConfigurationPropertyName parent,
      ConfigurationPropertySource source) {
    StringBuilder written = new StringBuilder(parent.toString());
    for (int i = parent.getNumberOfElements(); i < property.getNumberOfElements(); i++) {
      written.append('.').append(property.getElement(i, Form.ORIGINAL));
    }
    ConfigurationProperty found = source.getConfigurationProperty(property);
    return new NamedProperties(
        property.getElement(parent.getNumberOfElements(), Form.ORIGINAL),
        written.toString(),
        (found != null) ? found.getOrigin() : null);
  }

  /** Describes the property with its origin. */
  String describe() {
    return EffectiveProperty.withOrigin(property, origin);
  }
}
