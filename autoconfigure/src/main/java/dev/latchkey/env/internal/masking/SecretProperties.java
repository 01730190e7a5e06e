package dev.latchkey.env.internal.masking;

import dev.latchkey.env.internal.RawProperties;
import dev.latchkey.env.internal.imports.ImportedPropertySource;
import dev.latchkey.property.internal.EffectiveProperty;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.PropertySource;

/**
 * Determines which properties contain a secret: those that resolve to a reference, directly or
 * transitively, and the credentials that Latchkey itself authenticates with.
 *
 * @since 0.1
 */
public final class SecretProperties {

  private static final String LOGIN = "latchkeyvault";

  private static final List<String> CREDENTIALS =
      List.of(
          "token",
          "secretid",
          "password",
          "passphrase",
          "secret",
          "jwt",
          "privatekey",
          "encodedkey",
          "nonce",
          "pin");

  private final ConfigurableEnvironment environment;
  private final Predicate<String> gaveOut;

  /**
   * @param gaveOut whether a text is or contains a secret that was resolved before
   */
  public SecretProperties(ConfigurableEnvironment environment, Predicate<String> gaveOut) {
    this.environment = environment;
    this.gaveOut = gaveOut;
  }

  /**
   * Returns whether a property contains a secret.
   *
   * @param source the property source, or null if unknown
   * @param name the name of the property, in any spelling
   * @param value the value of the property, or null if unknown
   */
  public boolean contain(@Nullable PropertySource<?> source, String name, @Nullable Object value) {
    return isCredential(name)
        || value instanceof CharSequence text && isSecretText(text.toString())
        || source instanceof ImportedPropertySource
        || source != null && leadsToSecret(source.getProperty(name))
        || contain(ConfigurationPropertyName.adapt(name, '.'));
  }

  /** Returns whether a property, or one of its parents, resolves to a secret. */
  boolean contain(ConfigurationPropertyName name) {
    for (ConfigurationPropertyName each = name; !each.isEmpty(); each = each.getParent()) {
      if (EffectiveProperty.find(each, environment)
          .filter(property -> isImported(property) || leadsToSecret(property.getValue()))
          .isPresent()) {
        return true;
      }
    }
    return false;
  }

  private static boolean isImported(ConfigurationProperty property) {
    return property.getSource() != null
        && property.getSource().getUnderlyingSource() instanceof ImportedPropertySource;
  }

  private boolean leadsToSecret(@Nullable Object raw) {
    return raw instanceof CharSequence text
        && new RawProperties(environment).leadsToSecret(text.toString());
  }

  /** Returns whether text is a secret, or sets a credential as a command line or JSON does. */
  private boolean isSecretText(String text) {
    return bare(text).contains(LOGIN) || gaveOut.test(text);
  }

  private static boolean isCredential(String name) {
    String bare = bare(name);
    return bare.startsWith(LOGIN) && CREDENTIALS.stream().anyMatch(bare::endsWith);
  }

  /** Returns the form that all spellings of a name have in common. */
  private static String bare(String name) {
    return name.replaceAll("[^A-Za-z0-9]", "").toLowerCase(Locale.ROOT);
  }
}
