package dev.latchkey.vault.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latchkey.LatchkeyException;
import dev.latchkey.store.Backend;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.mock.env.MockEnvironment;

class VaultStoreProviderTests {

  private final MockEnvironment environment = new MockEnvironment();

  @Test
  void isTheDefaultWhenItsUriIsSetAndAProfileIsActive(@TempDir Path directory) {
    environment
        .withProperty("latchkey.vault.uri", "https://vault.example.org:8200")
        .withProperty("latchkey.vault.token-file", directory.resolve("token").toString());
    environment.setActiveProfiles("prod");

    try (Backend backend = Backend.create(environment)) {
      assertThat(backend.type()).isEqualTo("vault");
      assertThat(backend.shared()).isTrue();
      assertThat(backend.secrets().description()).contains("https://vault.example.org:8200");
    }
    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void failsWhenTheTypeIsVaultButNoUriIsSet() {
    environment.withProperty("latchkey.store.type", "vault");

    assertThatThrownBy(() -> Backend.create(environment))
        .isInstanceOf(LatchkeyException.class)
        .hasMessage("latchkey.vault.uri is not set, but latchkey.store.type=vault requires it");
  }
}
