package dev.latchkey.vault.internal.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latchkey.LatchkeyException;
import java.net.URI;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class VaultAddressTests {

  @ParameterizedTest
  @CsvSource({
    "https://vault.example.org, https://vault.example.org:443/v1/a/b",
    "https://vault.example.org:8200/, https://vault.example.org:8200/v1/a/b",
    "https://vault.example.org:8200/v1, https://vault.example.org:8200/v1/a/b",
    "https://example.org/tools/vault/, https://example.org:443/tools/vault/v1/a/b",
    "HTTPS://vault.example.org:8200, https://vault.example.org:8200/v1/a/b",
    "http://[::1]:8200, http://[::1]:8200/v1/a/b"
  })
  void addsTheApiPathToTheAddress(String uri, String expected) {
    assertThat(VaultAddress.parse(uri, false, null).endpoint().createUri("a/b"))
        .isEqualTo(URI.create(expected));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://localhost:8200",
        "http://LOCALHOST",
        "http://127.0.0.1",
        "http://127.9.8.7"
      })
  void allowsPlainHttpToThisMachine(String uri) {
    assertThat(VaultAddress.parse(uri, false, null).uri()).isEqualTo(URI.create(uri));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://vault:8200",
        "http://10.0.0.1",
        "http://localhost.example.org",
        "http://127.0.0.1.example.org",
        "http://example.org/localhost",
        "HTTP://vault.example.org",
        "http://[::2]:8200"
      })
  void rejectsPlainHttpToAnotherMachineUnlessAllowed(String uri) {
    assertThatThrownBy(() -> VaultAddress.parse(uri, false, null))
        .asInstanceOf(InstanceOfAssertFactories.type(LatchkeyException.class))
        .satisfies(
            failure -> {
              assertThat(failure)
                  .hasMessageContaining("plain http would send tokens and secrets unencrypted");
              assertThat(failure.action()).contains("latchkey.vault.allow-plain-http=true");
            });
    assertThat(VaultAddress.parse(uri, true, null).uri()).isEqualTo(URI.create(uri));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "vault.example.org:8200 | does not start with https://",
        "ftp://vault.example.org | does not start with https://",
        "8200 | does not start with https://",
        "https:// | Expected authority",
        "https://bad host:8200 | Illegal character in authority",
        "https://host:82x0 | has no valid host and port",
        "https://host:99999 | has no valid host and port",
        "https:///v1 | has no valid host and port",
        "https://host_name:8200 | has no valid host and port",
        "https://host?token=x | remove the query or fragment"
      })
  void failsWithTheReasonWhenTheAddressIsInvalid(String uri, String expected) {
    assertThatThrownBy(() -> VaultAddress.parse(uri, true, null))
        .asInstanceOf(InstanceOfAssertFactories.type(LatchkeyException.class))
        .satisfies(
            failure -> {
              assertThat(failure).hasMessageContaining(expected);
              assertThat(failure.action()).contains("https://vault.example.org:8200");
            });
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"https://user:canary@host", "https://canary@host:8200", "https://a:canary@"})
  void doesNotRepeatACredentialInTheAddress(String uri) {
    assertThatThrownBy(() -> VaultAddress.parse(uri, true, null))
        .isInstanceOf(LatchkeyException.class)
        .hasMessageNotContaining("canary")
        .hasNoCause();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "team a", "team\na", "équipe"})
  void failsWhenTheNamespaceIsNotAValidHeader(String namespace) {
    assertThatThrownBy(() -> VaultAddress.parse("https://vault.example.org", false, namespace))
        .isInstanceOf(LatchkeyException.class)
        .hasMessageStartingWith("Invalid latchkey.vault.namespace");
  }

  @Test
  void comparesOrigins() {
    URI origin = URI.create("https://vault.example.org");

    assertThat(VaultAddress.isSameOrigin(origin, URI.create("https://VAULT.example.org:443/x")))
        .isTrue();
    assertThat(VaultAddress.isSameOrigin(origin, URI.create("http://vault.example.org:443")))
        .isFalse();
    assertThat(VaultAddress.isSameOrigin(origin, URI.create("https://vault.example.org:8200")))
        .isFalse();
    assertThat(VaultAddress.isSameOrigin(origin, URI.create("https://vault.example.com")))
        .isFalse();
  }
}
