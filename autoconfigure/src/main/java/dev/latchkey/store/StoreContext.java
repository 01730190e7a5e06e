package dev.latchkey.store;

import dev.latchkey.LatchkeyException;
import dev.latchkey.property.internal.EffectiveProperty;
import java.time.Clock;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.bootstrap.BootstrapContext;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertySource;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.context.properties.source.IterableConfigurationPropertySource;
import org.springframework.core.env.ConfigurableEnvironment;

/**
 * The application that a store is opened for. There may be no beans yet.
 *
 * @param bootstrapContext contains objects that the application registered with a {@link
 *     org.springframework.boot.bootstrap.BootstrapRegistryInitializer}; null outside of a {@code
 *     SpringApplication}
 * @since 0.1
 */
public record StoreContext(
    ConfigurableEnvironment environment, Clock clock, @Nullable BootstrapContext bootstrapContext) {

  private static final Pattern PLACEHOLDER = Pattern.compile("(?<!\\\\)\\$\\{([^{}:@]+)}");

  /**
   * Binds properties to a type, with its defaults.
   *
   * @throws LatchkeyException if a property refers to another one that is not set: Spring would use
   *     the text of the placeholder as its value
   */
  public <T> T bind(String prefix, Class<T> type) {
    for (ConfigurationPropertySource source : ConfigurationPropertySources.get(environment)) {
      if (source instanceof IterableConfigurationPropertySource names) {
        names.stream()
            .filter(ConfigurationPropertyName.of(prefix)::isAncestorOf)
            .forEach(this::refuseUnset);
      }
    }
    return Binder.get(environment).bindOrCreate(prefix, type);
  }

  private void refuseUnset(ConfigurationPropertyName name) {
    ConfigurationProperty property = EffectiveProperty.find(name, environment).orElse(null);
    if (property == null || !(property.getValue() instanceof String text)) {
      return;
    }
    Matcher placeholder = PLACEHOLDER.matcher(text);
    while (placeholder.find()) {
      if (!environment.containsProperty(placeholder.group(1))) {
        throw new LatchkeyException(
            EffectiveProperty.withOrigin(
                "%s refers to ${%s}, which is not set".formatted(name, placeholder.group(1)),
                property.getOrigin()),
            "Set it, for example as an environment variable, or remove the property.");
      }
    }
  }

  /** The instance that the application registered for this startup, or null. */
  public <T> @Nullable T registered(Class<T> type) {
    return bootstrapContext != null ? bootstrapContext.getOrElse(type, null) : null;
  }
}
