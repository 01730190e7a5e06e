package dev.latchkey.file.autoconfigure;

import dev.latchkey.LatchkeyException;
import org.springframework.boot.cloud.CloudPlatform;
import org.springframework.core.env.ConfigurableEnvironment;

/**
 * Whether the embedded store is the default. It is only on a developer's machine: an application
 * that reaches production without a configured store must not create keys there.
 */
final class EmbeddedStoreDefault {

  private final ConfigurableEnvironment environment;
  private final boolean inContainer;

  EmbeddedStoreDefault(ConfigurableEnvironment environment, boolean inContainer) {
    this.environment = environment;
    this.inContainer = inContainer;
  }

  /**
   * @throws LatchkeyException if the embedded store is used only where it is configured
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
          "this is a container; without a volume the store is lost with it",
          "latchkey.store.file.directory=/path/on/a/volume");
    }
  }

  private static LatchkeyException notByDefault(String reason, String line) {
    return new LatchkeyException(
        "No store for keysets and secrets is configured, and the embedded store is not the default"
            + " here: "
            + reason,
        """
        Add the line that names your Vault or OpenBao server:

            latchkey.vault.uri=https://vault.example.org:8200

        or, to use the embedded store, for this process only:

            %s

        or, in tests:

            latchkey.store.type=memory\
        """
            .formatted(line));
  }
}
