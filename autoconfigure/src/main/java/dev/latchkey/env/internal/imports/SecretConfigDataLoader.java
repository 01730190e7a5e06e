package dev.latchkey.env.internal.imports;

import java.util.List;
import org.springframework.boot.context.config.ConfigData;
import org.springframework.boot.context.config.ConfigDataLoader;
import org.springframework.boot.context.config.ConfigDataLoaderContext;

/**
 * Puts an import in its place among the configuration files. It reads nothing: how to reach what
 * holds the secrets is known only when all of these are.
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
