package dev.latchkey.env.internal.imports;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.config.ConfigDataLocation;
import org.springframework.boot.context.config.ConfigDataResource;
import org.springframework.boot.origin.Origin;

/** An import of secrets, and its location in the configuration. */
public final class SecretConfigDataResource extends ConfigDataResource {

  private final SecretImport imported;
  private final ConfigDataLocation location;

  SecretConfigDataResource(SecretImport imported, ConfigDataLocation location) {
    super(location.isOptional());
    this.imported = imported;
    this.location = location;
  }

  public SecretImport imported() {
    return imported;
  }

  /** Returns whether the application starts if the path does not exist or is not reachable. */
  public boolean mayBeMissing() {
    return location.isOptional();
  }

  /** Returns the origin of the import, such as file and line. */
  public @Nullable Origin origin() {
    return Origin.from(location);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof SecretConfigDataResource that && imported.equals(that.imported);
  }

  @Override
  public int hashCode() {
    return imported.hashCode();
  }

  @Override
  public String toString() {
    return imported.toString();
  }
}
