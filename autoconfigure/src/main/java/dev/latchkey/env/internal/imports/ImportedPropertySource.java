package dev.latchkey.env.internal.imports;

import org.jspecify.annotations.Nullable;
import org.springframework.core.env.EnumerablePropertySource;
import org.springframework.util.StringUtils;

/**
 * The properties of one import of secrets. It is empty until the application context refreshes, so
 * that imported properties cannot select configuration files or profiles.
 */
public final class ImportedPropertySource
    extends EnumerablePropertySource<SecretConfigDataResource> {

  private volatile @Nullable ImportedFields fields;

  public ImportedPropertySource(SecretConfigDataResource resource) {
    super(resource.toString(), resource);
  }

  /** Sets the lookups that resolve the properties from now on. */
  public void answerWith(ImportedFields fields) {
    this.fields = fields;
  }

  @Override
  public @Nullable String getProperty(String name) {
    ImportedFields answering = fields;
    return answering != null && name.startsWith(source.imported().prefix())
        ? answering.imported(source, name)
        : null;
  }

  @Override
  public String[] getPropertyNames() {
    ImportedFields answering = fields;
    return answering == null
        ? new String[0]
        : StringUtils.toStringArray(answering.importedNames(source));
  }
}
