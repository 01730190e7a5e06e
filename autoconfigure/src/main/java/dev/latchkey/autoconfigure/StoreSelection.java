package dev.latchkey.autoconfigure;

import dev.latchkey.LatchkeyException;
import dev.latchkey.autoconfigure.LatchkeyStoreProperties.Type;
import org.springframework.boot.cloud.CloudPlatform;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.util.StringUtils;

/**
 * Which store is taken where none is named. The embedded one is taken only where it can hardly be
 * wrong, on a developer's machine: an application that reaches production without a store must not
 * make keys there that nobody asked for.
 */
final class StoreSelection {

  private final ConfigurableEnvironment environment;
  private final boolean inContainer;

  StoreSelection(ConfigurableEnvironment environment, boolean inContainer) {
    this.environment = environment;
    this.inContainer = inContainer;
  }

  Type select() {
    if (StringUtils.hasText(environment.getProperty("latchkey.vault.uri"))) {
      return Type.VAULT;
    }
    String[] profiles = environment.getActiveProfiles();
    if (profiles.length > 0) {
      throw notByItself(
          profiles.length == 1
              ? "the profile '%s' is active".formatted(profiles[0])
              : "the profiles '%s' are active".formatted(String.join("', '", profiles)),
          "latchkey.store.type=file");
    }
    CloudPlatform platform = CloudPlatform.getActive(environment);
    if (platform != null) {
      throw notByItself(
          "this is a cloud platform (%s)".formatted(platform), "latchkey.store.type=file");
    }
    if (inContainer && !environment.containsProperty("latchkey.store.file.directory")) {
      throw notByItself(
          "this is a container, where it would be lost with the container unless it lies on a"
              + " volume",
          "latchkey.store.file.directory=/path/on/a/volume");
    }
    return Type.FILE;
  }

  private static LatchkeyException notByItself(String reason, String line) {
    return new LatchkeyException(
        "No store for keys and secrets is set, and the embedded store is not taken by itself: "
            + reason,
        """
        Add the line that names your Vault or OpenBao server:

            latchkey.vault.uri=https://vault.example.org:8200

        or, to keep keys and secrets in the embedded store, for this process only:

            %s

        or, in tests:

            latchkey.store.type=memory"""
            .formatted(line));
  }
}
