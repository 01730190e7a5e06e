package dev.latchkey.annotation;

import dev.latchkey.LatchkeyException;
import dev.latchkey.key.KeysetAccess;
import dev.latchkey.key.KeysetId;
import dev.latchkey.key.KeysetTemplate;
import dev.latchkey.key.live.internal.KeysetBeans;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.core.env.Environment;
import org.springframework.util.StringUtils;

/**
 * Which keysets an application configures, and what it may do with each, and which secrets: all
 * that is known before there are beans.
 *
 * @param keysets by name, in the order of the configuration
 * @param secrets the names of the secrets that rotate, in that order
 * @since 0.1
 */
public record ConfiguredKeysets(Map<String, Keyset> keysets, List<String> secrets) {

  private static final String KEYSETS = "latchkey.keysets";
  private static final String SECRETS = "latchkey.secrets";

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

    /** The types that can be injected: those, and what renews ciphertexts. */
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
          "A keyset and a secret have one name: " + both,
          "Rename one: both are injected by their name.");
    }
    return new LatchkeyException(
        "Two names differ only by dashes: " + both,
        "Rename one: an environment variable cannot tell them apart. For the same reason it cannot"
            + " set a property of a name that has dashes: set that on the command line, or choose a"
            + " name without.");
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
          "%s is not set; what stands there is %s".formatted(property, keyset.describe()),
          "Name a Tink key template, such as %s=AES256_GCM.".formatted(property));
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
