package dev.latchkey.vault.internal.keyset;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.crypto.tink.Aead;
import dev.latchkey.LatchkeyException;
import dev.latchkey.StoreUnavailableException;
import dev.latchkey.key.KeysetId;
import dev.latchkey.key.document.KeyEncryptionKeys;
import dev.latchkey.test.BaoServer;
import dev.latchkey.test.KeyEncryptionKeysContract;
import dev.latchkey.vault.internal.client.VaultTestConnection;
import java.security.GeneralSecurityException;
import java.util.Map;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

final class TransitKeyEncryptionKeysIntegrationTests extends KeyEncryptionKeysContract {

  private static final KeysetId ORDERS = new KeysetId("shop", "orders");
  private static final String KEY = "latchkey.shop.orders";
  private static final byte[] PLAINTEXT = "a keyset".getBytes(UTF_8);
  private static final byte[] BOUND = "where it belongs".getBytes(UTF_8);

  private final BaoServer server = BaoServer.shared();
  private final String mount = server.mountTransit();
  private final KeyEncryptionKeys keys = keys(server.rootToken());

  @Override
  protected KeyEncryptionKeys keys() {
    return keys;
  }

  @Test
  void rejectsACiphertextWhenAnyBitIsFlipped() throws Exception {
    keys.createIfAbsent(ORDERS);
    server.post("%s/keys/%s/rotate".formatted(mount, KEY), Map.of());
    server.post("%s/keys/%s/rotate".formatted(mount, KEY), Map.of());
    Aead aead = keys.forKeyset(ORDERS);
    byte[] ciphertext = aead.encrypt(PLAINTEXT, BOUND);
    assertThat(new String(ciphertext, US_ASCII)).startsWith("vault:v3:");

    for (int bit = 0; bit < ciphertext.length * 8; bit++) {
      byte[] flipped = ciphertext.clone();
      flipped[bit / 8] ^= (byte) (1 << bit % 8);

      assertThatThrownBy(() -> aead.decrypt(flipped, BOUND))
          .as("bit %d", bit)
          .isInstanceOf(GeneralSecurityException.class);
    }
    assertThat(aead.decrypt(ciphertext, BOUND)).isEqualTo(PLAINTEXT);
  }

  @Test
  void rejectsANonCanonicalFormOfACiphertext() throws Exception {
    keys.createIfAbsent(ORDERS);
    Aead aead = keys.forKeyset(ORDERS);
    String text = new String(aead.encrypt(PLAINTEXT, BOUND), US_ASCII);

    for (String other :
        new String[] {
          text + "\n",
          " " + text,
          text.replace("v1:", "v01:"),
          text.replace("v1:", "v1:\n"),
          text.replaceAll("=+$", ""),
          text + "=",
          text.replaceFirst("vault:", "Vault:")
        }) {
      if (!other.equals(text)) {
        assertThatThrownBy(() -> aead.decrypt(other.getBytes(US_ASCII), BOUND))
            .as(other)
            .isInstanceOf(GeneralSecurityException.class);
      }
    }
  }

  @Test
  void doesNotCreateAKeyByEncrypting() {
    Aead aead = keys.forKeyset(ORDERS);

    fails(
        () -> aead.encrypt(PLAINTEXT, BOUND),
        "does not exist",
        "vault write -f " + mount + "/keys/");
    assertThat(server.exchange(server.rootToken(), "GET", mount + "/keys/" + KEY, null))
        .returns(404, response -> response.statusCode());
  }

  @Test
  void distinguishesAMissingKeyFromAnInvalidCiphertext() throws Exception {
    keys.createIfAbsent(ORDERS);
    byte[] ciphertext = keys.forKeyset(ORDERS).encrypt(PLAINTEXT, BOUND);
    server.post("%s/keys/%s/config".formatted(mount, KEY), Map.of("deletion_allowed", true));
    server.delete("%s/keys/%s".formatted(mount, KEY));

    fails(
        () -> keys.forKeyset(ORDERS).decrypt(ciphertext, BOUND),
        "The Transit key %s/%s does not exist".formatted(mount, KEY),
        "restore a backup");
  }

  @Test
  void failsWhenTheMinimumVersionRejectsTheCiphertext() throws Exception {
    keys.createIfAbsent(ORDERS);
    byte[] ciphertext = keys.forKeyset(ORDERS).encrypt(PLAINTEXT, BOUND);
    server.post("%s/keys/%s/rotate".formatted(mount, KEY), Map.of());
    server.post("%s/keys/%s/config".formatted(mount, KEY), Map.of("min_decryption_version", 2));

    fails(
        () -> keys.forKeyset(ORDERS).decrypt(ciphertext, BOUND),
        "no longer decrypts",
        "vault write %s/keys/%s/config min_decryption_version=1".formatted(mount, KEY));
  }

  @Test
  void printsTheOperatorsCommandWhenTheKeyMayNotBeCreated() {
    KeyEncryptionKeys keys =
        keys(
            server.token(
                server.policy(
                    """
                    path "%1$s/encrypt/%2$s" { capabilities = ["update"] }
                    path "%1$s/decrypt/%2$s" { capabilities = ["update"] }
                    """
                        .formatted(mount, KEY))));

    fails(
        () -> keys.createIfAbsent(ORDERS),
        "does not exist in Vault at %s, and the application may not create it"
            .formatted(server.uri()),
        "vault write -f %s/keys/%s".formatted(mount, KEY));

    server.post("%s/keys/%s".formatted(mount, KEY), Map.of());
    keys.createIfAbsent(ORDERS);
  }

  @Test
  void printsThePolicyLineWhenPermissionIsDenied() {
    KeyEncryptionKeys keys =
        keys(
            server.token(
                server.policy(
                    "path \"%s/decrypt/%s\" { capabilities = [\"update\"] }"
                        .formatted(mount, KEY))));
    server.post("%s/keys/%s".formatted(mount, KEY), Map.of());

    fails(
        () -> keys.createIfAbsent(ORDERS),
        "permission denied",
        "path \"%s/encrypt/%s\" { capabilities = [\"update\"] }".formatted(mount, KEY));
    KeyEncryptionKeys none = keys(server.token());
    fails(
        () -> none.forKeyset(ORDERS).decrypt("vault:v1:AAAA".getBytes(US_ASCII), BOUND),
        "permission denied",
        "path \"%s/decrypt/%s\" { capabilities = [\"update\"] }".formatted(mount, KEY));
  }

  @Test
  void failsWhenTheKeyDoesNotSupportAssociatedData() {
    server.post("%s/keys/%s".formatted(mount, KEY), Map.of("derived", true));
    fails(() -> keys.createIfAbsent(ORDERS), "does not support associated data", "vault write -f");

    server.post(mount + "/keys/latchkey.shop.tokens", Map.of("type", "rsa-2048"));
    fails(
        () -> keys.createIfAbsent(new KeysetId("shop", "tokens")),
        "does not support associated data",
        "vault write -f");
  }

  @Test
  void failsWhenThereIsNoTransitEngine() {
    KeyEncryptionKeys keys =
        new TransitKeyEncryptionKeys(VaultTestConnection.root(server), "transti");

    fails(
        () -> keys.createIfAbsent(ORDERS),
        "has no secrets engine at transti",
        "vault secrets enable -path=transti transit");
  }

  @Test
  void isUnavailableWhileSealed() throws Exception {
    try (BaoServer own = BaoServer.start()) {
      own.post("sys/mounts/transit", Map.of("type", "transit"));
      KeyEncryptionKeys keys =
          new TransitKeyEncryptionKeys(VaultTestConnection.root(own), "transit");
      keys.createIfAbsent(ORDERS);
      byte[] ciphertext = keys.forKeyset(ORDERS).encrypt(PLAINTEXT, BOUND);

      own.seal();

      assertThatThrownBy(() -> keys.forKeyset(ORDERS).decrypt(ciphertext, BOUND))
          .isInstanceOf(StoreUnavailableException.class);
      assertThatThrownBy(() -> keys.createIfAbsent(ORDERS))
          .isInstanceOf(StoreUnavailableException.class);
    }
  }

  private KeyEncryptionKeys keys(String token) {
    return new TransitKeyEncryptionKeys(VaultTestConnection.to(server.uri(), token), mount);
  }

  private static void fails(ThrowingCallable call, String description, String action) {
    assertThatThrownBy(call)
        .asInstanceOf(InstanceOfAssertFactories.type(LatchkeyException.class))
        .satisfies(
            failure -> {
              assertThat(failure).hasMessageContaining(description);
              assertThat(failure.action()).contains(action);
            });
  }
}
