package dev.latchkey.autoconfigure;

import dev.latchkey.LatchkeyException;
import dev.latchkey.secret.RotatingSecret;
import dev.latchkey.secret.SecretReference;
import dev.latchkey.secret.rotating.internal.RotatingSecrets;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.core.convert.converter.Converter;

/**
 * Binds a property that refers to a path ({@code vault@secret/payments}), or names a secret of
 * {@code latchkey.secrets}, to a component of type {@link RotatingSecret}.
 */
final class RotatingSecretConverter implements Converter<String, RotatingSecret> {

  private final ObjectProvider<RotatingSecrets> secrets;

  RotatingSecretConverter(ObjectProvider<RotatingSecrets> secrets) {
    this.secrets = secrets;
  }

  @Override
  public RotatingSecret convert(String text) {
    RotatingSecrets available =
        secrets.getIfAvailable(
            () -> {
              throw new LatchkeyException(
                  "'%s' refers to a secret, but Latchkey is disabled".formatted(text),
                  "Remove latchkey.enabled=false.");
            });
    return text.startsWith(SecretReference.PREFIX)
        ? available.at(SecretReference.parsePath(text))
        : available.get(text);
  }
}
