package dev.latchkey.env.internal;

import dev.latchkey.env.internal.text.Placeholders;
import dev.latchkey.env.internal.text.Placeholders.Placeholder;
import dev.latchkey.secret.SecretReference;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertySource;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.context.properties.source.IterableConfigurationPropertySource;
import org.springframework.boot.origin.Origin;

/**
 * Finds out which references the properties of an environment use, from their raw texts and without
 * asking for any secret.
 */
final class ReferenceUses {

  /** The command line as a whole: what it sets stands in properties of its own. */
  private static final String COMMAND_LINE = "sun.java.command";

  private final RawProperties properties;
  private final List<ReferenceUse> uses = new ArrayList<>();

  private ReferenceUses(RawProperties properties) {
    this.properties = properties;
  }

  /**
   * Every use in a property that is in force: one that no property source further up hides, in any
   * spelling.
   */
  static List<ReferenceUse> in(RawProperties properties) {
    ReferenceUses found = new ReferenceUses(properties);
    List<ConfigurationPropertySource> above = new ArrayList<>();
    for (ConfigurationPropertySource source : ConfigurationPropertySources.from(properties)) {
      if (source instanceof IterableConfigurationPropertySource names) {
        for (ConfigurationPropertyName name : names) {
          ConfigurationProperty property = source.getConfigurationProperty(name);
          if (property != null
              && property.getValue() instanceof CharSequence text
              && text.toString().contains("${")
              && !name.toString().equals(COMMAND_LINE)
              && above.stream().allMatch(other -> other.getConfigurationProperty(name) == null)) {
            properties.refuseMisuse(text.toString(), name.toString(), property.getOrigin());
            found.collect(text.toString(), name.toString(), property.getOrigin());
          }
        }
      }
      above.add(source);
    }
    return found.uses;
  }

  private void collect(String text, String property, @Nullable Origin origin) {
    for (Placeholder placeholder : Placeholders.in(text)) {
      String name = properties.resolve(placeholder.name());
      String fallback = placeholder.fallback();
      if (name.startsWith(SecretReference.PREFIX)) {
        uses.add(new ReferenceUse(name, fallback != null, property, origin));
      } else if (fallback != null && properties.raw(name) == null) {
        collect(fallback, property, origin);
      }
    }
  }
}
