package dev.latchkey.env.internal;

import dev.latchkey.LatchkeyException;
import dev.latchkey.secret.SecretReference;
import org.jspecify.annotations.Nullable;
import org.springframework.core.env.EnumerablePropertySource;

/**
 * Replaces {@link ReferencePropertySource} while configuration files and profiles are determined.
 * It rejects all references, because the configuration of the store is not known yet.
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
        "'%s' is requested before configuration files and profiles are known".formatted(name),
        "spring.config.* and spring.profiles.* cannot contain references, because these files may"
            + " configure the store. Set a literal value, for example with an environment variable.");
  }

  @Override
  public String[] getPropertyNames() {
    return new String[0];
  }
}
