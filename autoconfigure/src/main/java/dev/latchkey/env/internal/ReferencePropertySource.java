package dev.latchkey.env.internal;

import dev.latchkey.secret.SecretReference;
import org.jspecify.annotations.Nullable;
import org.springframework.core.env.EnumerablePropertySource;

/**
 * Answers every name that starts with {@code vault@}. It holds no state of its own, so it may be
 * copied from one environment to another. It enumerates nothing: nobody can list or search secrets
 * through it, and Boot's binder never looks for properties in it.
 */
final class ReferencePropertySource extends EnumerablePropertySource<PropertyLookups> {

  ReferencePropertySource(PropertyLookups lookups) {
    super(RawProperties.REFERENCES, lookups);
  }

  @Override
  public @Nullable String getProperty(String name) {
    return name.startsWith(SecretReference.PREFIX) ? source.answer(name) : null;
  }

  @Override
  public String[] getPropertyNames() {
    return new String[0];
  }
}
