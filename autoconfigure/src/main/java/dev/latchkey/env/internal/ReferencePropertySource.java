package dev.latchkey.env.internal;

import dev.latchkey.secret.SecretReference;
import org.jspecify.annotations.Nullable;
import org.springframework.core.env.EnumerablePropertySource;

/**
 * Property source that resolves names that start with {@code vault@}. It is stateless, so that it
 * can be copied between environments. It does not enumerate names: secrets cannot be listed or
 * searched through it, and Spring Boot's binder does not look for properties in it.
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
