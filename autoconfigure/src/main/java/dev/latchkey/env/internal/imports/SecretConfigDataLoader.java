package dev.latchkey.env.internal.imports;

import java.util.List;
import org.springframework.boot.context.config.ConfigData;
import org.springframework.boot.context.config.ConfigDataLoader;
import org.springframework.boot.context.config.ConfigDataLoaderContext;

/**
 * Adds an import at its position among the configuration files. It reads nothing: the configuration
 * of the store is known only after all files are loaded.
 */
final class SecretConfigDataLoader implements ConfigDataLoader<SecretConfigDataResource> {

  @Override
  public ConfigData load(ConfigDataLoaderContext context, SecretConfigDataResource resource) {
    return new ConfigData(
        List.of(new ImportedPropertySource(resource)),
        ConfigData.Option.IGNORE_IMPORTS,
        ConfigData.Option.IGNORE_PROFILES);
  }
}
