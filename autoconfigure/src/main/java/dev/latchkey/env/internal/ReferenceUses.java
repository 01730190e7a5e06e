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
 * Finds the references in the properties of an environment from their raw texts, without looking up
 * secrets.
 */
final class ReferenceUses {

  /** The whole command line, whose arguments are also properties of their own. */
  private static final String COMMAND_LINE = "sun.java.command";

  private final RawProperties properties;
  private final List<ReferenceUse> uses = new ArrayList<>();

  private ReferenceUses(RawProperties properties) {
    this.properties = properties;
  }

  /**
   * Returns all uses in effective properties: those that are not overridden by a property source
   * with higher precedence, in any spelling.
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
