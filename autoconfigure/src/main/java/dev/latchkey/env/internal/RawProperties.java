package dev.latchkey.env.internal;

import dev.latchkey.LatchkeyException;
import dev.latchkey.env.internal.imports.ImportedPropertySource;
import dev.latchkey.env.internal.text.Placeholders;
import dev.latchkey.env.internal.text.Placeholders.Placeholder;
import dev.latchkey.env.internal.text.SecretLookupException;
import dev.latchkey.property.internal.EffectiveProperty;
import dev.latchkey.secret.SecretReference;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.origin.Origin;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.EnumerablePropertySource;
import org.springframework.core.env.PropertySource;

/**
 * The property sources of an environment without ours, and their raw texts including placeholders.
 * Reading them does not look up secrets.
 */
public final class RawProperties implements Iterable<PropertySource<?>> {

  /** Name of our property source, which answers references. */
  static final String REFERENCES = "latchkey";

  /**
   * Text that resembles a reference but has another prefix. Spring would read {@code vault:a/b#c}
   * as a name with the fallback {@code a/b#c}, and leave {@code valt@a/b#c} unresolved. Nothing
   * else begins with {@code vault:/}, so that it needs no field.
   */
  private static final Pattern MISTYPED =
      Pattern.compile(
          "(?s)((?:(?i)(?:vault|latchkey):|\\w+@)[\\w.%-]+(?:/[\\w.%-]+)+(?:\\?\\w*=\\w*)?#[\\w.%-]+"
              + "|(?i)(?:vault|latchkey):/[\\w./#?=-]*)(?::.*)?");

  private static final String ENABLED = "latchkey.enabled";

  private final ConfigurableEnvironment environment;

  public RawProperties(ConfigurableEnvironment environment) {
    this.environment = environment;
  }

  @Override
  public Iterator<PropertySource<?>> iterator() {
    return environment.getPropertySources().stream()
        .filter(source -> !source.getName().equals(REFERENCES))
        .iterator();
  }

  /** Returns the raw text of a property, or null if it is not set. */
  @Nullable String raw(String name) {
    for (PropertySource<?> source : this) {
      Object value = source.getProperty(name);
      if (value != null) {
        return value.toString();
      }
    }
    return null;
  }

  /**
   * Returns the text that another property source has for a reference. A property for the plain
   * reference also overrides those with {@code ?version} and {@code ?generate}.
   */
  @Nullable String override(SecretReference reference) {
    String exact = raw(reference.toString());
    return exact != null
        ? exact
        : raw(new SecretReference(reference.path(), null, null, reference.field()).toString());
  }

  /** Returns the texts that other property sources have for references to a path, by field. */
  Map<String, String> overrides(SecretReference path) {
    Map<String, String> overrides = new LinkedHashMap<>();
    for (PropertySource<?> source : this) {
      if (source instanceof EnumerablePropertySource<?> enumerable
          && !(source instanceof ImportedPropertySource)) {
        for (String name : enumerable.getPropertyNames()) {
          String field = overriddenField(name, path);
          if (field != null) {
            overrides.putIfAbsent(field, String.valueOf(source.getProperty(name)));
          }
        }
      }
    }
    return overrides;
  }

  private static @Nullable String overriddenField(String name, SecretReference path) {
    if (!name.startsWith(SecretReference.PREFIX + path.path())) {
      return null;
    }
    try {
      SecretReference reference = SecretReference.parse(name);
      return reference.path().equals(path.path())
              && (reference.version() == null || reference.version().equals(path.version()))
          ? reference.field()
          : null;
    } catch (LatchkeyException ex) {
      return null; // not a reference, so it does not override one
    }
  }

  /** Returns all imports among the property sources. */
  public List<ImportedPropertySource> imports() {
    return environment.getPropertySources().stream()
        .filter(ImportedPropertySource.class::isInstance)
        .map(ImportedPropertySource.class::cast)
        .toList();
  }

  /** Resolves the placeholders in a text, except for those that resolve to a secret. */
  String resolve(String text) {
    if (Placeholders.in(text).isEmpty() || leadsToSecret(text)) {
      return text;
    }
    return environment.resolvePlaceholders(text);
  }

  private boolean isImported(String name) {
    if (imports().isEmpty()) {
      return false;
    }
    ConfigurationPropertyName canonical = ConfigurationPropertyName.adapt(name, '.');
    return EffectiveProperty.find(canonical, ConfigurationPropertySources.from(this))
        .map(ConfigurationProperty::getSource)
        .filter(source -> source.getUnderlyingSource() instanceof ImportedPropertySource)
        .isPresent();
  }

  /**
   * Rejects a secret in a placeholder's name, since names appear in errors, and mistyped
   * references.
   *
   * @param property the property with this text, or null if the text is not a property's
   * @param origin the origin of the property, or null if unknown
   */
  void refuseMisuse(String text, @Nullable String property, @Nullable Origin origin) {
    for (Placeholder placeholder : Placeholders.in(text)) {
      refuseMistyped(placeholder, property, origin);
      if (leadsToSecret(placeholder.name())) {
        throw new SecretLookupException(
            "${" + placeholder.name() + "}",
            property,
            origin,
            new LatchkeyException(
                "A secret cannot be part of a property name",
                "Property names are not kept secret: select the property by a value that is not secret."));
      }
      if (placeholder.fallback() != null) {
        refuseMisuse(placeholder.fallback(), property, origin);
      }
    }
  }

  /**
   * Rejects a secret in a property of Latchkey itself: its value appears in messages and in the
   * endpoint. Properties of the store are rejected when the store opens.
   */
  void refuseOwn(String text, String property, @Nullable Origin origin) {
    if (property.startsWith("latchkey.")
        && !property.startsWith("latchkey.vault.")
        && !property.startsWith("latchkey.store.")
        && leadsToSecret(text)) {
      throw ownProperty(text, property, origin);
    }
  }

  private static SecretLookupException ownProperty(
      String text, String property, @Nullable Origin origin) {
    return property.startsWith("latchkey.secrets.") && property.endsWith(".reference")
        ? new SecretLookupException(
            text,
            property,
            origin,
            new LatchkeyException(
                "The property takes a path, not a value",
                "Write the path without ${ } and without a field: vault@database/creds/orders."))
        : new SecretLookupException(
            text,
            property,
            origin,
            new LatchkeyException(
                "A property of Latchkey itself cannot be a secret: messages show its value",
                "Set it to the value itself."));
  }

  /**
   * Whether Latchkey is enabled.
   *
   * @throws SecretLookupException if that would have to be looked up
   */
  boolean isEnabled() {
    String raw = raw(ENABLED);
    if (raw != null && leadsToSecret(raw)) {
      throw ownProperty(raw, ENABLED, null);
    }
    return environment.getProperty(ENABLED, Boolean.class, true);
  }

  private void refuseMistyped(
      Placeholder placeholder, @Nullable String property, @Nullable Origin origin) {
    Matcher mistyped = MISTYPED.matcher(placeholder.text());
    if (!mistyped.matches()
        || placeholder.name().startsWith(SecretReference.PREFIX)
        || raw(placeholder.text()) != null
        || raw(placeholder.name()) != null) {
      return;
    }
    String reference = mistyped.group(1);
    try {
      SecretReference.parse(reference);
    } catch (LatchkeyException ex) {
      throw new SecretLookupException(reference, property, origin, ex);
    }
  }

  /** Returns whether the placeholders in a text resolve to a secret, directly or transitively. */
  public boolean leadsToSecret(String text) {
    return leadsToSecret(text, new HashSet<>());
  }

  private boolean leadsToSecret(String text, Set<String> visited) {
    for (Placeholder placeholder : Placeholders.in(text)) {
      String name = placeholder.name();
      if (name.startsWith(SecretReference.PREFIX) || leadsToSecret(name, visited)) {
        return true;
      }
      String key = Placeholders.in(name).isEmpty() ? name : environment.resolvePlaceholders(name);
      String value = visited.add(key) ? raw(key) : null;
      String fallback = placeholder.fallback();
      if (value != null && (isImported(key) || leadsToSecret(value, visited))
          || fallback != null && leadsToSecret(fallback, visited)) {
        return true;
      }
    }
    return false;
  }
}
