package dev.latchkey.vault.internal.keyset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.latchkey.LatchkeyException;
import dev.latchkey.key.KeyDestruction.Fence;
import dev.latchkey.key.KeysetId;
import dev.latchkey.key.document.KeysetErasure.Erased;
import dev.latchkey.vault.internal.client.FakeVault;
import dev.latchkey.vault.internal.client.VaultConnection;
import dev.latchkey.vault.internal.client.VaultTestConnection;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A server that says that it erased something, and did not. */
final class VaultErasureAnswersTests {

  private static final KeysetId ORDERS = new KeysetId("shop", "orders");
  private static final String NAME = "latchkey.shop.orders";

  private final FakeVault vault =
      new FakeVault()
          .answers("secret/destroy/latchkey/shop/orders", 204, "")
          .answers("transit/keys/" + NAME + "/config", 204, "")
          .answers("transit/keys/" + NAME + "/trim", 204, "")
          .answers(
              "secret/metadata/latchkey/shop/orders",
              200,
              "{\"data\":{\"versions\":{\"1\":{\"destroyed\":true},\"2\":{\"destroyed\":true},\"3\":{}}}}")
          .answers(
              "transit/decrypt/" + NAME,
              400,
              "{\"errors\":[\"ciphertext or signature version is disallowed by policy (too"
                  + " old)\"]}")
          .answers(
              "transit/encrypt/" + NAME,
              400,
              "{\"errors\":[\"requested version for encryption is less than the minimum encryption"
                  + " key version\"]}")
          .answers("transit/keys/" + NAME, 200, "{\"data\":{\"min_available_version\":2}}");

  @AfterEach
  void stop() {
    vault.close();
  }

  @Test
  void takesNothingForErasedThatItDoesNotSee() {
    assertThat(erase().evidence()).hasSize(3);
    assertThat(vault.requests()).noneMatch(request -> request.contains("/destroy/"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "secret/metadata/latchkey/shop/orders |"
            + " {\"data\":{\"versions\":{\"1\":{\"destroyed\":true},\"2\":{\"destroyed\":false}}}}"
            + " | older versions of secret/latchkey/shop/orders have to be destroyed",
        "transit/decrypt/latchkey.shop.orders | {\"data\":{\"plaintext\":\"\"}} |"
            + " transit/keys/latchkey.shop.orders has to refuse what versions before 2 made",
        "transit/encrypt/latchkey.shop.orders | {\"data\":{\"ciphertext\":\"vault:v1:AAAA\"}} |"
            + " transit/keys/latchkey.shop.orders has to refuse what versions before 2 made",
        "transit/keys/latchkey.shop.orders | {\"data\":{\"min_available_version\":1}} |"
            + " transit/keys/latchkey.shop.orders has to be trimmed to version 2"
      })
  void isNotTakenAtItsWord(String path, String body, String left) {
    vault.answers(path, 200, body);

    assertThatExceptionOfType(LatchkeyException.class)
        .isThrownBy(this::erase)
        .withMessageContaining("says that it has done it, but does not show it: " + left);
  }

  private Erased erase() {
    VaultConnection connection = VaultTestConnection.to(vault.uri(), "canary-token");
    VaultKeysetStore store = new VaultKeysetStore(connection, "secret", "latchkey");
    return new VaultErasure(connection, store, "secret", "transit")
        .erase(ORDERS, new Fence(3, "vault:v1:AAAA"), false);
  }
}
