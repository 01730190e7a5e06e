package dev.latchkey.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latchkey.LatchkeyException;
import dev.latchkey.autoconfigure.LatchkeyStoreProperties.Type;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;
import org.springframework.mock.env.MockEnvironment;

class StoreSelectionTests {

  private final MockEnvironment environment = new MockEnvironment();

  @Test
  void takesVaultWhenItsUriIsSet() {
    environment.withProperty("latchkey.vault.uri", "https://vault.example.org:8200");
    environment.setActiveProfiles("prod");

    assertThat(select(true)).isEqualTo(Type.VAULT);
  }

  @Test
  void takesTheEmbeddedStoreOnADevelopersMachine() {
    assertThat(select(false)).isEqualTo(Type.FILE);
  }

  @Test
  void takesTheEmbeddedStoreWhenTheVaultUriIsBlank() {
    environment.withProperty("latchkey.vault.uri", " ");

    assertThat(select(false)).isEqualTo(Type.FILE);
  }

  @Test
  void failsWhenAProfileIsActive() {
    environment.setActiveProfiles("prod");

    fails(false, "the profile 'prod' is active", "    latchkey.store.type=file\n");
  }

  @Test
  void failsWhenSeveralProfilesAreActive() {
    environment.setActiveProfiles("eu", "prod");

    fails(false, "the profiles 'eu', 'prod' are active", "    latchkey.store.type=file\n");
  }

  @Test
  void failsWhenACloudPlatformIsDetected() {
    environment
        .getPropertySources()
        .addLast(
            new SystemEnvironmentPropertySource(
                StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME,
                Map.of("KUBERNETES_SERVICE_HOST", "10.0.0.1", "KUBERNETES_SERVICE_PORT", "443")));
    environment.withProperty("latchkey.store.file.directory", "/data/latchkey");

    fails(false, "this is a cloud platform (KUBERNETES)", "    latchkey.store.type=file\n");
  }

  @Test
  void failsInAContainerWhenNoDirectoryIsGiven() {
    fails(true, "this is a container", "    latchkey.store.file.directory=/path/on/a/volume\n");
  }

  @Test
  void takesTheEmbeddedStoreInAContainerWhenItsDirectoryIsGiven() {
    environment
        .getPropertySources()
        .addLast(
            new SystemEnvironmentPropertySource(
                StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME,
                Map.of("LATCHKEY_STORE_FILE_DIRECTORY", "/data/latchkey")));

    assertThat(select(true)).isEqualTo(Type.FILE);
  }

  private Type select(boolean inContainer) {
    return new StoreSelection(environment, inContainer).select();
  }

  private void fails(boolean inContainer, String reason, String line) {
    assertThatThrownBy(() -> select(inContainer))
        .isInstanceOfSatisfying(
            LatchkeyException.class,
            ex ->
                assertThat(ex.action())
                    .contains(
                        line, "    latchkey.vault.uri=https://", "latchkey.store.type=memory"))
        .hasMessageStartingWith("No store for keys and secrets is set")
        .hasMessageContaining(reason);
  }
}
