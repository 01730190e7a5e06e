package dev.latchkey.env.internal.imports;

import dev.latchkey.LatchkeyException;
import dev.latchkey.env.internal.text.SecretLookupException;
import java.util.List;
import org.springframework.boot.context.config.ConfigDataLocation;
import org.springframework.boot.context.config.ConfigDataLocationResolver;
import org.springframework.boot.context.config.ConfigDataLocationResolverContext;
import org.springframework.boot.origin.Origin;

/** Resolves {@code spring.config.import=latchkey:…}. */
final class SecretConfigDataLocationResolver
    implements ConfigDataLocationResolver<SecretConfigDataResource> {

  @Override
  public boolean isResolvable(
      ConfigDataLocationResolverContext context, ConfigDataLocation location) {
    return location.hasPrefix(SecretImport.LOCATION);
  }

  @Override
  public List<SecretConfigDataResource> resolve(
      ConfigDataLocationResolverContext context, ConfigDataLocation location) {
    try {
      SecretImport imported =
          SecretImport.parse(location.getNonPrefixedValue(SecretImport.LOCATION));
      return List.of(new SecretConfigDataResource(imported, location));
    } catch (LatchkeyException mistyped) {
      throw new SecretLookupException(
          location.getValue(), SecretImport.PROPERTY, Origin.from(location), mistyped);
    }
  }
}
