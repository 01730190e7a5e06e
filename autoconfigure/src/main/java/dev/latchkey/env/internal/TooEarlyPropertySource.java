package dev.latchkey.env.internal;

import dev.latchkey.LatchkeyException;
import dev.latchkey.secret.SecretReference;
import org.jspecify.annotations.Nullable;
import org.springframework.core.env.EnumerablePropertySource;

/**
 * Stands in for {@link ReferencePropertySource} while configuration files and profiles are being
 * found, and refuses every reference: what they would be looked up with is not known yet.
 */
final class TooEarlyPropertySource extends EnumerablePropertySource<Object> {

  TooEarlyPropertySource() {
    super(RawProperties.REFERENCES, new Object());
  }

  @Override
  public @Nullable String getProperty(String name) {
    if (!name.startsWith(SecretReference.PREFIX)) {
      return null;
    }
    throw new LatchkeyException(
        "'%s' is asked for before configuration files and profiles are known".formatted(name),
        "spring.config.* and spring.profiles.* cannot hold a reference, since any of these files"
            + " may say where secrets lie. Give them a value of their own, such as one from an"
            + " environment variable.");
  }

  @Override
  public String[] getPropertyNames() {
    return new String[0];
  }
}
