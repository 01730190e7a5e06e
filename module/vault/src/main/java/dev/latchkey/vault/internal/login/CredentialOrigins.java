package dev.latchkey.vault.internal.login;

import dev.latchkey.LatchkeyException;
import dev.latchkey.property.internal.EffectiveProperty;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.env.ConfigTreePropertySource;
import org.springframework.boot.origin.Origin;
import org.springframework.boot.origin.OriginLookup;
import org.springframework.boot.origin.PropertySourceOrigin;
import org.springframework.boot.origin.TextResourceOrigin;
import org.springframework.core.env.CommandLinePropertySource;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.PropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.io.support.ResourcePropertySource;
import org.springframework.util.PropertyPlaceholderHelper;

/**
 * Finds out whether a credential is exposed: in a configuration file or on the command line, as
 * opposed to a source outside the project. A placeholder counts as the origin of its value, which
 * Boot's origin of the property does not follow.
 */
final class CredentialOrigins {

  private static final Logger logger = LoggerFactory.getLogger(CredentialOrigins.class);
  private static final int MAX_PLACEHOLDERS = 16;

  private final ConfigurableEnvironment environment;

  CredentialOrigins(ConfigurableEnvironment environment) {
    this.environment = environment;
  }

  /**
   * Warns about an exposed credential, or rejects it.
   *
   * @param fileProperty property that can name a file instead, or null
   */
  void check(String property, @Nullable String fileProperty, boolean refuse) {
    String elsewhere =
        "Set it with %sthe environment (%s)"
            .formatted(
                fileProperty == null ? "" : "a file (%s) or ".formatted(fileProperty),
                variable(property));
    exposure(property)
        .ifPresent(
            place -> {
              String description = "%s is exposed in %s".formatted(property, place);
              if (refuse) {
                throw new LatchkeyException(
                    description + ", and latchkey.vault.require-external-credentials=true",
                    "Remove it there. %s.".formatted(elsewhere));
              }
              logger.warn(
                  "{}. {}; latchkey.vault.require-external-credentials=true rejects it",
                  description,
                  elsewhere);
            });
  }

  /** The environment variable that sets a property. */
  private static String variable(String property) {
    return property.replace("-", "").replace('.', '_').toUpperCase(Locale.ROOT);
  }

  /** Where the property's value is exposed, or empty. */
  Optional<String> exposure(String property) {
    return EffectiveProperty.find(property, environment).flatMap(this::exposure);
  }

  private Optional<String> exposure(ConfigurationProperty found) {
    if (found.getSource() == null
        || !(found.getSource().getUnderlyingSource() instanceof PropertySource<?> underlying)) {
      return Optional.empty();
    }
    Origin origin =
        found.getOrigin() instanceof PropertySourceOrigin wrapper
            ? wrapper.getOrigin()
            : found.getOrigin();
    return exposure(underlying, origin, found.getValue(), MAX_PLACEHOLDERS);
  }

  private Optional<String> exposureOfPlaceholder(String name, int depth) {
    for (PropertySource<?> source : environment.getPropertySources()) {
      Object value =
          ConfigurationPropertySources.isAttachedConfigurationPropertySource(source)
              ? null
              : source.getProperty(name);
      if (value != null) {
        return exposure(source, OriginLookup.getOrigin(source, name), value, depth);
      }
    }
    return Optional.empty();
  }

  private Optional<String> exposure(
      PropertySource<?> source, @Nullable Origin origin, Object value, int depth) {
    List<String> placeholders = placeholders(value.toString());
    if (!placeholders.isEmpty() && depth > 0) {
      return placeholders.stream()
          .map(placeholder -> exposureOfPlaceholder(placeholder, depth - 1))
          .reduce((first, second) -> first.isEmpty() || second.isEmpty() ? Optional.empty() : first)
          .orElseGet(Optional::empty);
    }
    if (source instanceof CommandLinePropertySource<?>
        || source.getName().equals(StandardEnvironment.SYSTEM_PROPERTIES_PROPERTY_SOURCE_NAME)) {
      return Optional.of("the command line");
    }
    if (source instanceof ConfigTreePropertySource) {
      return Optional.empty();
    }
    if (origin instanceof TextResourceOrigin) {
      return Optional.of(origin.toString());
    }
    return source instanceof ResourcePropertySource
        ? Optional.of(source.getName())
        : Optional.empty();
  }

  /** The placeholders in a text that have a value; a fallback is part of the text. */
  private List<String> placeholders(String text) {
    List<String> names = new ArrayList<>();
    new PropertyPlaceholderHelper("${", "}", ":", '\\', true)
        .replacePlaceholders(
            text,
            name -> {
              if (environment.containsProperty(name)) {
                names.add(name);
                return "";
              }
              return null;
            });
    return names;
  }
}
