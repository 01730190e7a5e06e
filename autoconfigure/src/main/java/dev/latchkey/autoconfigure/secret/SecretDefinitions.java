package dev.latchkey.autoconfigure.secret;

import dev.latchkey.LatchkeyException;
import dev.latchkey.autoconfigure.internal.Durations;
import dev.latchkey.secret.SecretReference;
import dev.latchkey.secret.rotating.internal.RotatingSecretDefinition;
import java.util.List;
import org.springframework.util.StringUtils;

/** Creates the definitions of rotating secrets from properties. */
final class SecretDefinitions {

  private final RotatingSecretProperties properties;

  SecretDefinitions(RotatingSecretProperties properties) {
    this.properties = properties;
  }

  List<RotatingSecretDefinition> all() {
    return properties.secrets().entrySet().stream()
        .map(entry -> definition(entry.getKey(), entry.getValue()))
        .toList();
  }

  private static RotatingSecretDefinition definition(
      String name, RotatingSecretProperties.Secret secret) {
    String prefix = "latchkey.secrets." + name;
    Durations.requireNotNegative(prefix + ".overlap", secret.overlap());
    if (secret.maxAge() != null) {
      Durations.requirePositive(prefix + ".max-age", secret.maxAge());
    }
    return new RotatingSecretDefinition(
        name, reference(name, secret), secret.overlap(), secret.maxAge());
  }

  private static SecretReference reference(String name, RotatingSecretProperties.Secret secret) {
    String property = "latchkey.secrets.%s.reference".formatted(name);
    if (!StringUtils.hasText(secret.reference())) {
      throw new LatchkeyException(
          "%s is not set".formatted(property),
          "Set it to a reference to a whole path, such as %s=vault@secret/%s."
              .formatted(property, name));
    }
    try {
      return SecretReference.parsePath(secret.reference());
    } catch (LatchkeyException ex) {
      throw new LatchkeyException("%s: %s".formatted(property, ex.getMessage()), ex.action(), ex);
    }
  }
}
