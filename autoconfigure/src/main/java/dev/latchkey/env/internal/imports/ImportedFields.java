package dev.latchkey.env.internal.imports;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Answers for the properties of imports, once the application's context refreshes. */
public interface ImportedFields {

  /** The text of an imported property, or null if the import has none of this name. */
  @Nullable String imported(SecretConfigDataResource resource, String name);

  /** Names of all properties of an import. */
  Set<String> importedNames(SecretConfigDataResource resource);
}
