package dev.latchkey.file;

import dev.latchkey.LatchkeyException;
import org.springframework.boot.cloud.CloudPlatform;
import org.springframework.core.env.ConfigurableEnvironment;

/**
 * Whether the embedded store is the default. This applies only to a developer's machine: an
 * application that reaches production without a configured store must not create keys there.
 */
final class EmbeddedStoreDefault {

  private final ConfigurableEnvironment environment;
  private final boolean inContainer;

  EmbeddedStoreDefault(ConfigurableEnvironment environment, boolean inContainer) {
    this.environment = environment;
    this.inContainer = inContainer;
  }

  /**
   * @throws LatchkeyException if the embedded store must be configured explicitly here
   */
  void check() {
    String[] profiles = environment.getActiveProfiles();
    if (profiles.length > 0) {
      throw notByDefault(
          profiles.length == 1
              ? "the profile '%s' is active".formatted(profiles[0])
              : "the profiles '%s' are active".formatted(String.join("', '", profiles)),
          "latchkey.store.type=file");
    }
    CloudPlatform platform = CloudPlatform.getActive(environment);
    if (platform != null) {
      throw notByDefault(
          "this is a cloud platform (%s)".formatted(platform), "latchkey.store.type=file");
    }
    if (inContainer && !environment.containsProperty("latchkey.store.file.directory")) {
      throw notByDefault(
          "a container loses it unless it is on a volume",
          "latchkey.store.file.directory=/path/on/a/volume");
    }
  }

  private static LatchkeyException notByDefault(String reason, String line) {
    return new LatchkeyException(
        "No store is configured, and the embedded store is not the default here: " + reason,
        """
        To use a Vault or OpenBao server, add:

            latchkey.vault.uri=https://vault.example.org:8200

        To use the embedded store, for this process only, add:

            %s

        In tests, add:

            latchkey.store.type=memory\
        """
            .formatted(line));
  }
}
