package dev.latchkey.annotation;

import dev.latchkey.LatchkeyException;
import dev.latchkey.keyset.KeysetAccess;
import dev.latchkey.keyset.KeysetId;
import dev.latchkey.keyset.KeysetTemplate;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.core.env.Environment;
import org.springframework.util.StringUtils;

/**
 * The keysets and rotating secrets that an application configures, as far as they are known before
 * beans are created.
 *
 * @param keysets the keysets by name, in the order of the configuration
 * @param secrets the names of the rotating secrets, in the order of the configuration
 * @since 0.1
 */
public record ConfiguredKeysets(Map<String, Keyset> keysets, List<String> secrets) {

  private static final String KEYSETS = "latchkey.keysets";
  private static final String SECRETS = "latchkey.secrets";

  /**
   * A configured keyset.
   *
   * @param template the template of its keys
   * @param access how the application may use it
   */
  public record Keyset(KeysetTemplate template, KeysetAccess access) {

    /** Returns the Tink interfaces that the keyset provides. */
    public List<Class<?>> interfaces() {
      return access.interfaces(template.family());
    }

    /** Returns the types that can be injected: the Tink interfaces, and the re-encryptor. */
    public List<Class<?>> beans() {
      return access.beans(template.family());
    }
  }

  /**
   * Reads names, templates and access of the keysets, and names of the secrets.
   *
   * @throws LatchkeyException if a name or a template is invalid, or two names differ only by
   *     dashes
   */
  public static ConfiguredKeysets from(Environment environment) {
    List<NamedProperties> keysets = NamedProperties.below(KEYSETS, environment);
    List<NamedProperties> secrets = NamedProperties.below(SECRETS, environment);
    requireDistinctNames(keysets, secrets);
    Map<String, Keyset> configured = new LinkedHashMap<>();
    keysets.forEach(keyset -> configured.put(keyset.name(), keyset(keyset, environment)));
    return new ConfiguredKeysets(configured, secrets.stream().map(NamedProperties::name).toList());
  }

  private static void requireDistinctNames(
      List<NamedProperties> keysets, List<NamedProperties> secrets) {
    Map<String, NamedProperties> seen = new HashMap<>();
    Stream.concat(keysets.stream(), secrets.stream())
        .forEach(
            named -> {
              requireName(named);
              NamedProperties other = seen.putIfAbsent(named.name().replace("-", ""), named);
              if (other != null) {
                throw tooAlike(other, named);
              }
            });
  }

  private static void requireName(NamedProperties named) {
    try {
      KeysetId.requireName(named.name());
    } catch (LatchkeyException ex) {
      throw new LatchkeyException(named.describe() + ": " + ex.getMessage(), ex.action(), ex);
    }
  }

  private static LatchkeyException tooAlike(NamedProperties one, NamedProperties other) {
    String both = one.describe() + " and " + other.describe();
    if (one.name().equals(other.name())) {
      return new LatchkeyException(
          "A keyset and a secret have the same name: " + both,
          "Rename one of them: both are injected by name.");
    }
    return new LatchkeyException(
        "Two names differ only by dashes: " + both,
        "Rename one of them: environment variables cannot distinguish them. An environment"
            + " variable cannot set a property of a name with dashes either: set it on the command"
            + " line, or use a name without dashes.");
  }

  private static Keyset keyset(NamedProperties keyset, Environment environment) {
    KeysetTemplate template = template(keyset, environment);
    String property = "%s.%s.access".formatted(KEYSETS, keyset.name());
    KeysetAccess access =
        Binder.get(environment).bind(property, KeysetAccess.class).orElse(KeysetAccess.OWN);
    access.requireSupportedBy(template, NamedProperties.describe(property, environment));
    return new Keyset(template, access);
  }

  private static KeysetTemplate template(NamedProperties keyset, Environment environment) {
    String property = "%s.%s.template".formatted(KEYSETS, keyset.name());
    String template = environment.getProperty(property);
    if (!StringUtils.hasText(template)) {
      throw new LatchkeyException(
          "%s is not set; found only %s".formatted(property, keyset.describe()),
          "Set a Tink key template, for example %s=AES256_GCM.".formatted(property));
    }
    try {
      return KeysetTemplate.of(template);
    } catch (LatchkeyException ex) {
      throw new LatchkeyException(
          NamedProperties.describe(property, environment) + ": " + ex.getMessage(),
          ex.action(),
          ex);
    }
  }
}
