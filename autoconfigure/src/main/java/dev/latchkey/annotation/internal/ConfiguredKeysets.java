package dev.latchkey.annotation.internal;

import dev.latchkey.LatchkeyException;
import dev.latchkey.key.KeysetAccess;
import dev.latchkey.key.KeysetTemplate;
import dev.latchkey.key.live.internal.KeysetBeans;
import dev.latchkey.property.internal.EffectiveProperty;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.core.env.Environment;
import org.springframework.util.StringUtils;

/**
 * The keysets that an application configures, and what it may do with each: everything that is
 * known before there are beans.
 *
 * @param keysets keysets by name, in the order of the configuration
 * @since 0.1
 */
public record ConfiguredKeysets(Map<String, Keyset> keysets) {

  /**
   * One keyset.
   *
   * @param template what its keys are made by
   * @param access what the application may do with it
   */
  public record Keyset(KeysetTemplate template, KeysetAccess access) {

    /** The Tink interfaces that it gives. */
    public List<Class<?>> interfaces() {
      return access.interfaces(template.family());
    }

    /** The types that can be injected: those, and {@code Reencryptor}. */
    public List<Class<?>> beans() {
      return KeysetBeans.of(access, template.family());
    }
  }

  /**
   * Reads names, templates and access, and nothing else.
   *
   * @throws LatchkeyException if a name or a template cannot be used, or two names are too alike
   */
  public static ConfiguredKeysets from(Environment environment) {
    Map<String, Keyset> keysets = new LinkedHashMap<>();
    ConfiguredNames.in(environment)
        .keysets()
        .forEach(keyset -> keysets.put(keyset.name(), keyset(keyset, environment)));
    return new ConfiguredKeysets(keysets);
  }

  private static Keyset keyset(NamedProperties keyset, Environment environment) {
    KeysetTemplate template = template(keyset, environment);
    String property = "%s.%s.access".formatted(ConfiguredNames.KEYSETS, keyset.name());
    KeysetAccess access =
        Binder.get(environment).bind(property, KeysetAccess.class).orElse(KeysetAccess.OWN);
    access.requireSupportedBy(
        template, EffectiveProperty.withOrigin(property, property, environment));
    return new Keyset(template, access);
  }

  private static KeysetTemplate template(NamedProperties keyset, Environment environment) {
    String property = "%s.%s.template".formatted(ConfiguredNames.KEYSETS, keyset.name());
    String template = environment.getProperty(property);
    if (!StringUtils.hasText(template)) {
      throw new LatchkeyException(
          "%s is not set; found only %s".formatted(property, keyset.describe()),
          "Name a Tink key template, such as %s=AES256_GCM.".formatted(property));
    }
    try {
      return KeysetTemplate.of(template);
    } catch (LatchkeyException ex) {
      throw new LatchkeyException(
          EffectiveProperty.withOrigin(property, property, environment) + ": " + ex.getMessage(),
          ex.action(),
          ex);
    }
  }
}
