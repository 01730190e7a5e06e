package dev.latchkey.vault.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latchkey.LatchkeyException;
import dev.latchkey.store.Backend;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
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

  @Test
  void failsWhenTheUriIsEmpty() {
    environment.withProperty("latchkey.vault.uri", "${VAULT_ADDR:}");

    assertThatThrownBy(() -> Backend.create(environment))
        .isInstanceOfSatisfying(
            LatchkeyException.class,
            failure -> {
              assertThat(failure).hasMessageStartingWith("latchkey.vault.uri is set, but empty");
              assertThat(failure.action()).contains("latchkey.store.type=file");
            });
  }

  @Test
  void usesAnotherStoreWhenTheUriIsEmptyAndTheTypeIsSet() {
    environment
        .withProperty("latchkey.vault.uri", "${VAULT_ADDR:}")
        .withProperty("latchkey.store.type", "memory");

    try (Backend backend = Backend.create(environment)) {
      assertThat(backend.type()).isEqualTo("memory");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "latchkey.vault.token",
        "latchkey.vault.app-role.secret-id",
        "latchkey.vault.uri",
        "latchkey.store.vault.mount"
      })
  void failsWhenAPropertyRefersToAVariableThatIsNotSet(String property) {
    environment
        .withProperty("latchkey.vault.uri", "https://vault.example.org:8200")
        .withProperty("latchkey.vault.token", "t")
        .withProperty(property, "${NOT_SET}");

    assertThatThrownBy(() -> Backend.create(environment))
        .isInstanceOfSatisfying(
            LatchkeyException.class,
            failure ->
                assertThat(failure)
                    .hasMessageStartingWith(property + " refers to ${NOT_SET}, which is not set"));
  }

  static Stream<Arguments> invalid() {
    return Stream.of(
        Arguments.of("latchkey.vault.token-file", "a\0b", "Set it to the path of a file."),
        Arguments.of("latchkey.vault.retry.attempts", "0", "Set it to 1"),
        Arguments.of("latchkey.vault.retry.multiplier", "0.5", "Set it to 1"));
  }

  @ParameterizedTest
  @MethodSource("invalid")
  void namesThePropertyAndTheFixWhenItIsInvalid(String property, String value, String action) {
    environment
        .withProperty("latchkey.vault.uri", "https://vault.example.org:8200")
        .withProperty(property, value);
    if (!property.contains("token")) {
      environment.withProperty("latchkey.vault.token", "t");
    }

    assertThatThrownBy(() -> Backend.create(environment))
        .isInstanceOfSatisfying(
            LatchkeyException.class,
            failure -> {
              assertThat(failure).hasMessageContaining(property);
              assertThat(failure.action()).startsWith(action);
            });
  }
}
