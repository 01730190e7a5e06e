package dev.latchkey.env.internal;

import dev.latchkey.env.internal.imports.ImportedPropertySource;
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
import org.springframework.boot.context.properties.source.ConfigurationPropertyState;
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
              && mayRefer(text)
              && !name.toString().equals(COMMAND_LINE)
              && above.stream().noneMatch(other -> overrides(other, name))) {
            found.take(text, property);
          }
        }
      }
      above.add(source);
    }
    return found.uses;
  }

  private static boolean mayRefer(CharSequence text) {
    return text.toString().contains("${") || text.toString().contains(SecretReference.PREFIX);
  }

  /** Like Spring's binder, takes a list from one source: the first that has an element of it. */
  private static boolean overrides(
      ConfigurationPropertySource source, ConfigurationPropertyName name) {
    for (int i = 1; i < name.getNumberOfElements(); i++) {
      if (name.isNumericIndex(i)) {
        ConfigurationPropertyName list = name.chop(i);
        ConfigurationPropertyName first = list.append("[0]");
        if (source.getConfigurationProperty(list) != null
            || source.getConfigurationProperty(first) != null
            || source.containsDescendantOf(first) == ConfigurationPropertyState.PRESENT) {
          return true;
        }
      }
    }
    return source.getConfigurationProperty(name) != null;
  }

  private void take(CharSequence value, ConfigurationProperty property) {
    String text = value.toString();
    String name = property.getName().toString();
    Origin origin = property.getOrigin();
    if (!isImported(property)) {
      NearReferences.refuseUnresolved(value, name, origin);
      NearReferences.refuse(text, name, origin);
    }
    properties.refuseMisuse(text, name, origin);
    properties.refuseOwn(text, name, origin);
    collect(text, name, origin);
  }

  /** What is imported is data, and may look like anything. */
  private static boolean isImported(ConfigurationProperty property) {
    ConfigurationPropertySource source = property.getSource();
    return source != null && source.getUnderlyingSource() instanceof ImportedPropertySource;
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
