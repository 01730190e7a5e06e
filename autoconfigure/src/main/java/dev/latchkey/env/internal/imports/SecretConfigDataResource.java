package dev.latchkey.env.internal.imports;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.config.ConfigDataLocation;
import org.springframework.boot.context.config.ConfigDataResource;
import org.springframework.boot.origin.Origin;

/** An import of secrets: what is imported, and where that is asked for. */
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

  /** Whether the application starts without it, if nothing lies there or nobody answers. */
  public boolean mayBeMissing() {
    return location.isOptional();
  }

  /** Where the import stands, such as file and line. */
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
