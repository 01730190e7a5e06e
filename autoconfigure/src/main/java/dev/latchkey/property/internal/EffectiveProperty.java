package dev.latchkey.property.internal;

import java.util.Objects;
import java.util.Optional;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertySource;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.origin.Origin;
import org.springframework.core.env.Environment;

/** Finds the property that takes effect: that of the first property source that has it. */
public final class EffectiveProperty {

  private EffectiveProperty() {}

  public static Optional<ConfigurationProperty> find(String property, Environment environment) {
    return find(ConfigurationPropertyName.of(property), environment);
  }

  public static Optional<ConfigurationProperty> find(
      ConfigurationPropertyName name, Environment environment) {
    return find(name, ConfigurationPropertySources.get(environment));
  }

  public static Optional<ConfigurationProperty> find(
      ConfigurationPropertyName name, Iterable<ConfigurationPropertySource> sources) {
    return StreamSupport.stream(sources.spliterator(), false)
        .map(source -> source.getConfigurationProperty(name))
        .filter(Objects::nonNull)
        .findFirst();
  }

  /** A text about a property, with the origin of its value: file and line, or variable. */
  public static String withOrigin(String text, String property, Environment environment) {
    return withOrigin(
        text, find(property, environment).map(ConfigurationProperty::getOrigin).orElse(null));
  }

  /** A text about a property, with its origin if that is known. */
  public static String withOrigin(String text, @Nullable Origin origin) {
    return origin != null ? "%s (%s)".formatted(text, origin) : text;
  }
}
