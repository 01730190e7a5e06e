package dev.latchkey.env;

import org.jspecify.annotations.Nullable;
import org.springframework.core.env.EnumerablePropertySource;
import org.springframework.util.StringUtils;

/**
 * The properties that one import of secrets gives. Empty until the application's context refreshes:
 * so nothing in it can decide which configuration files and profiles there are.
 */
final class ImportedPropertySource extends EnumerablePropertySource<SecretConfigDataResource> {

  private volatile @Nullable PropertyLookups lookups;

  ImportedPropertySource(SecretConfigDataResource resource) {
    super(resource.toString(), resource);
  }

  /** From now on these look the secrets up. */
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
