package dev.latchkey.annotation.internal;

import dev.latchkey.LatchkeyException;
import dev.latchkey.key.KeysetId;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.springframework.core.env.Environment;

/**
 * Names of keysets and secrets. Both are injected by name, so they share one namespace.
 *
 * @param keysets keysets in the order of the configuration
 * @param secrets secrets in the order of the configuration
 */
public record ConfiguredNames(List<NamedProperties> keysets, List<NamedProperties> secrets) {

  static final String KEYSETS = "latchkey.keysets";
  private static final String SECRETS = "latchkey.secrets";

  /**
   * Reads the names, and nothing else.
   *
   * @throws LatchkeyException if a name is invalid, or two names are too similar
   */
  public static ConfiguredNames in(Environment environment) {
    ConfiguredNames names =
        new ConfiguredNames(
            NamedProperties.below(KEYSETS, environment),
            NamedProperties.below(SECRETS, environment));
    names.requireDistinct();
    return names;
  }

  /** Names of the secrets that an environment configures. */
  public static List<String> secretsIn(Environment environment) {
    return in(environment).secrets().stream().map(NamedProperties::name).toList();
  }

  private void requireDistinct() {
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
}
