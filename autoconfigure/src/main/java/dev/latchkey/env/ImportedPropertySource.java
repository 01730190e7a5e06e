package dev.latchkey.env;

import org.jspecify.annotations.Nullable;
import org.springframework.core.env.EnumerablePropertySource;
import org.springframework.util.StringUtils;

/**
 * The properties of one import of secrets. It is empty until the application context refreshes, so
 * that imported properties cannot select configuration files or profiles.
 */
final class ImportedPropertySource extends EnumerablePropertySource<SecretConfigDataResource> {

  private volatile @Nullable PropertyLookups lookups;

  ImportedPropertySource(SecretConfigDataResource resource) {
    super(resource.toString(), resource);
  }

  /** Sets the lookups that resolve the properties from now on. */
  void answerWith(PropertyLookups lookups) {
    this.lookups = lookups;
  }

  @Override
  public @Nullable String getProperty(String name) {
    PropertyLookups answering = lookups;
    return answering != null && name.startsWith(source.imported().prefix())
        ? answering.imported(source, name)
        : null;
  }

  @Override
  public String[] getPropertyNames() {
    PropertyLookups answering = lookups;
    return answering == null
        ? new String[0]
        : StringUtils.toStringArray(answering.importedNames(source));
  }
}
