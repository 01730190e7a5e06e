package dev.latchkey.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNoException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latchkey.LatchkeyException;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;
import org.springframework.mock.env.MockEnvironment;

class EmbeddedStoreDefaultTests {

  private final MockEnvironment environment = new MockEnvironment();

  @Test
  void isTheDefaultWhenOnADevelopersMachine() {
    assertThatNoException().isThrownBy(() -> check(false));
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
    fails(true, "a container loses it", "    latchkey.store.file.directory=/path/on/a/volume\n");
  }

  @Test
  void isTheDefaultInAContainerWhenItsDirectoryIsGiven() {
    environment
        .getPropertySources()
        .addLast(
            new SystemEnvironmentPropertySource(
                StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME,
                Map.of("LATCHKEY_STORE_FILE_DIRECTORY", "/data/latchkey")));

    assertThatNoException().isThrownBy(() -> check(true));
  }

  private void check(boolean inContainer) {
    new EmbeddedStoreDefault(environment, inContainer).check();
  }

  private void fails(boolean inContainer, String reason, String line) {
    assertThatThrownBy(() -> check(inContainer))
        .isInstanceOfSatisfying(
            LatchkeyException.class,
            ex ->
                assertThat(ex.action())
                    .contains(
                        line, "    latchkey.vault.uri=https://", "latchkey.store.type=memory"))
        .hasMessageStartingWith("No store is configured")
        .hasMessageContaining(reason);
  }
}
