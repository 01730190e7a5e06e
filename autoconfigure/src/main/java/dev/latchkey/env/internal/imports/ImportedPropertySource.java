package dev.latchkey.env.internal.imports;

import org.jspecify.annotations.Nullable;
import org.springframework.core.env.EnumerablePropertySource;
import org.springframework.util.StringUtils;

/**
 * The properties that one import of secrets gives. Empty until the application's context refreshes:
 * so nothing in it can decide which configuration files and profiles there are.
 */
public final class ImportedPropertySource extends EnumerablePropertySource<SecretConfigDataResource> {

  private volatile @Nullable ImportedFields fields;

  public ImportedPropertySource(SecretConfigDataResource resource) {
    super(resource.toString(), resource);
  }

  /** From now on these answer. */
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
