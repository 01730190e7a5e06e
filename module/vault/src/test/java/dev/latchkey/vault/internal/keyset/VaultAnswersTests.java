package dev.latchkey.vault.internal.keyset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.google.crypto.tink.Aead;
import dev.latchkey.LatchkeyException;
import dev.latchkey.StoreUnavailableException;
import dev.latchkey.key.KeysetId;
import dev.latchkey.key.document.StoredDocument;
import dev.latchkey.vault.internal.client.FakeVault;
import dev.latchkey.vault.internal.client.VaultAnswer;
import dev.latchkey.vault.internal.client.VaultConnection;
import dev.latchkey.vault.internal.client.VaultTestConnection;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Responses that a healthy server does not return, or not on demand. */
final class VaultAnswersTests {

  private static final KeysetId ORDERS = new KeysetId("shop", "orders");
  private static final String DOCUMENT = "secret/data/latchkey/shop/orders";
  private static final String MOUNT = "sys/internal/ui/mounts/secret/latchkey/shop/orders";
  private static final String VERSIONED =
      "{\"data\":{\"path\":\"secret/\",\"type\":\"kv\",\"options\":{\"version\":\"2\"}}}";

  private final FakeVault vault = new FakeVault();
  private final FakeVault elsewhere = new FakeVault();
  private final VaultConnection connection = VaultTestConnection.to(vault.uri(), "canary-token");
  private final VaultKeysetStore store = new VaultKeysetStore(connection, "secret", "latchkey");

  @AfterEach
  void stop() {
    vault.close();
    elsewhere.close();
  }

  @Test
  void reportsAbsenceOnlyOnAKvVersion2Mount() {
    fails(() -> store.load(ORDERS), "Cannot find the mount", "");

    vault.answers(MOUNT, 200, VERSIONED.replace("\"2\"", "\"1\""));
    fails(() -> store.load(ORDERS), "KV version 1", "enable-versioning");

    vault.answers(MOUNT, 200, VERSIONED.replace("secret/", "secret/latchkey/"));
    fails(() -> store.load(ORDERS), "is secret/latchkey, not secret", "secret/latchkey");

    vault.answers(MOUNT, 200, VERSIONED.replace("\"kv\"", "\"cubbyhole\""));
    fails(() -> store.load(ORDERS), "KV version 1", "");

    vault.answers(MOUNT, 200, VERSIONED);
    assertThat(store.load(ORDERS)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "400 | {\"errors\":[\"Waiting for the primary to upgrade from non-versioned\"]}",
        "400 | {\"errors\":[\"Upgrading from non-versioned to versioned data\"]}",
        "403 | RBAC: access denied",
        "412 | {\"errors\":[\"required index state not present\"]}",
        "429 | {\"errors\":[\"rate limit quota exceeded\"]}",
        "500 | {\"errors\":[\"internal error\"]}",
        "502 | <html>Bad Gateway</html>",
        "503 | {\"errors\":[\"Vault is sealed\"]}",
        "504 | ''"
      })
  void isUnavailableWhenTheFailureIsTemporary(int status, String body) {
    vault.answers(MOUNT, 200, VERSIONED).answers(DOCUMENT, status, body);

    assertThatThrownBy(() -> store.load(ORDERS)).isInstanceOf(StoreUnavailableException.class);
    assertThatThrownBy(() -> store.save(ORDERS, "text", 0))
        .isInstanceOf(StoreUnavailableException.class);
  }

  @ParameterizedTest
  @ValueSource(ints = {200, 403, 500})
  void failsWhenAResponseIsEndless(int status) {
    vault.answers(MOUNT, 200, VERSIONED).answersEndlessly(DOCUMENT, status);

    fails(
        () -> store.load(ORDERS),
        "sends a response longer than 8388608 bytes",
        "Check that latchkey.vault.uri");
  }

  @Test
  void failsWhenTheResponseToALoginIsEndless() {
    vault.answersEndlessly("auth/approle/login", 200);
    VaultConnection unable =
        VaultConnection.to(
            VaultTestConnection.settings(vault.uri()),
            new VaultTestConnection.AppRole("role", "secret"));

    fails(() -> unable.get("secret/data/x"), "sends a response longer than 8388608 bytes", "");
  }

  @Test
  void keepsItsTokenWhenAProxyDeniesARequest() {
    vault.answers(MOUNT, 200, VERSIONED).answers(DOCUMENT, 403, "RBAC: access denied");

    fails(
        () -> store.load(ORDERS),
        "is unavailable: status 403, but not from Vault",
        "A proxy in front of it denies the request");
    assertThat(vault.requests()).noneMatch(request -> request.contains("auth/token"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "404 | {} | returned status 404",
        "404 | {\"errors\":[\"other\"]} | other",
        "404 | {\"errors\":[],\"data\":null} | returned status 404",
        "404 | <html>Not Found</html> | is not from a Vault server",
        "404 | '' | is not from a Vault server",
        "404 | {\"errors\":[\"no handler for route\"]} | has no secrets engine",
        "400 | Client sent an HTTP request to an HTTPS server. | is not from a Vault server",
        "400 | {\"errors\":[\"missing\"]} | returned status 400, missing",
        "200 | <html>Log in</html> | is not from a Vault server",
        "200 | {\"data\":{\"data\":null,\"metadata\":{\"version\":1}}} | returned status 200",
        "200 | {\"data\":{\"data\":{\"document\":\"x\"},\"metadata\":{\"version\":0}}} | lacks",
        "200 | {\"data\":{\"data\":{\"document\":\"x\"},\"metadata\":{\"version\":1}}} | lacks"
      })
  void failsForEveryOtherResponse(int status, String body, String expected) {
    vault.answers(MOUNT, 200, VERSIONED).answers(DOCUMENT, status, body);

    assertThatThrownBy(() -> store.load(ORDERS))
        .isInstanceOf(LatchkeyException.class)
        .isNotInstanceOf(StoreUnavailableException.class)
        .hasMessageContaining(expected);
    assertThat(vault.requests())
        .noneMatch(it -> it.startsWith("POST") && !it.startsWith("POST cubbyhole/"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"ha_enabled\":false} | {} | true",
        "{\"ha_enabled\":true} | {\"enterprise\":false} | true",
        "{\"ha_enabled\":true} | {\"enterprise\":true} | false",
        "{\"ha_enabled\":true} | {\"version\":\"2.5.0\"} | false",
        "{} | {\"enterprise\":false} | false",
        "<html> | <html> | false"
      })
  void provesReadsWithoutAnIndexWhenOnlyTheActiveNodeServesRequests(
      String leader, String health, boolean proved) {
    vault
        .answers("cubbyhole/latchkey", 204, "")
        .answers("sys/leader", 200, leader)
        .answers("sys/health", 200, health)
        .answers(
            DOCUMENT,
            200,
            "{\"data\":{\"data\":{\"document\":\"x\"},\"metadata\":{\"version\":1,"
                + "\"created_time\":\"2026-01-01T00:00:00Z\",\"deletion_time\":\"\"}}}");

    assertThat(store.load(ORDERS)).get().returns(proved, StoredDocument::proved);
  }

  /** The header has a resolution of one second, unlike the clocks here. */
  @Test
  void readsTheTimeFromTheDateHeader() {
    vault.answers(
        DOCUMENT,
        200,
        "{\"data\":{\"data\":{\"document\":\"x\"},\"metadata\":{\"version\":1,"
            + "\"created_time\":\"2026-01-01T00:00:00.123456789Z\",\"deletion_time\":\"\"}}}");

    StoredDocument read = store.load(ORDERS).orElseThrow();

    assertThat(read.createdAt()).isEqualTo("2026-01-01T00:00:00.123456789Z");
    assertThat(read.readAt())
        .isEqualTo(read.readAt().truncatedTo(ChronoUnit.SECONDS))
        .isCloseTo(Instant.now(), within(1, ChronoUnit.MINUTES));
  }

  @Test
  void failsWhenAWriteCreatesAnotherVersion() {
    vault.answers(
        DOCUMENT,
        200,
        "{\"data\":{\"version\":3,\"created_time\":\"2026-01-01T00:00:00Z\",\"deletion_time\":\"\"}}");

    fails(() -> store.save(ORDERS, "text", 0), "reports version 3, expected 1", "");
    fails(() -> store.save(ORDERS, "text", 1), "reports version 3, expected 2", "");
    assertThat(store.save(ORDERS, "text", 2).generation()).isEqualTo(3);
  }

  @Test
  void reportsAConflictOnlyForTheCheckAndSetError() {
    vault.answers(
        DOCUMENT, 400, "{\"errors\":[\"check-and-set parameter required for this call\"]}");

    fails(() -> store.save(ORDERS, "text", 0), "check-and-set parameter required", "");
  }

  @ParameterizedTest
  @ValueSource(ints = {307, 308, 301, 302})
  void followsARedirectWithinTheOrigin(int status) {
    vault
        .answers(DOCUMENT, status, "", "Location", "/v1/moved")
        .answers(
            "moved",
            200,
            "{\"data\":{\"data\":{\"document\":\"x\"},\"metadata\":{\"version\":1,"
                + "\"created_time\":\"2026-01-01T00:00:00Z\"}}}");

    assertThat(store.load(ORDERS)).isPresent();
    assertThat(vault.requests()).contains("GET moved canary-token ");
  }

  @Test
  void keepsMethodAndBodyWhenAWriteIsRedirected() {
    vault
        .answers(DOCUMENT, 307, "", "Location", vault.uri() + "/v1/moved")
        .answers(
            "moved", 200, "{\"data\":{\"version\":1,\"created_time\":\"2026-01-01T00:00:00Z\"}}");

    assertThat(store.save(ORDERS, "text", 0).generation()).isEqualTo(1);
    assertThat(vault.requests())
        .last()
        .asString()
        .startsWith("POST moved canary-token {")
        .contains("\"document\":\"text\"");

    vault.answers(DOCUMENT, 302, "", "Location", "/v1/moved");
    fails(() -> store.save(ORDERS, "text", 0), "cannot be followed (status 302)", "");
  }

  @Test
  void doesNotSendTheTokenToAnotherOrigin() {
    List<String> locations =
        List.of(
            elsewhere.uri() + "/v1/moved",
            "//127.0.0.1:" + elsewhere.uri().getPort() + "/v1/moved",
            vault.uri().toString().replace("127.0.0.1", "localhost") + "/v1/moved",
            vault.uri().toString().replace("http:", "https:") + "/v1/moved",
            "mailto:someone");
    for (String location : locations) {
      vault.answers(DOCUMENT, 307, "", "Location", location);

      fails(() -> store.load(ORDERS), "redirects to", "the active node");
      fails(() -> store.save(ORDERS, "text", 0), "redirects to", "the active node");
    }
    assertThat(elsewhere.requests()).isEmpty();
    assertThat(vault.requests()).noneMatch(request -> request.contains("moved"));
  }

  @Test
  void isUnavailableWhileAStandbyRedirectsToAnotherNodeOrToItself() {
    for (String active : List.of(elsewhere.uri().toString(), "")) {
      vault.answers(DOCUMENT, 307, "", "Location", active + "/v1/" + DOCUMENT);
      vault.answers(MOUNT, 200, VERSIONED);

      assertThatThrownBy(() -> store.load(ORDERS))
          .isInstanceOfSatisfying(
              StoreUnavailableException.class,
              ex -> assertThat(ex.action()).contains("leader election", "cluster addresses"))
          .hasMessageEndingWith(
              "is unavailable: it is a standby and redirects to %s as the active node",
              active.isEmpty() ? "itself" : active);
      assertThatThrownBy(() -> store.save(ORDERS, "text", 0))
          .isInstanceOf(StoreUnavailableException.class);
    }
    assertThat(elsewhere.requests()).isEmpty();
  }

  @Test
  void stopsAfterThreeRedirects() {
    vault.answers(DOCUMENT, 308, "", "Location", "/v1/" + DOCUMENT);

    fails(() -> store.load(ORDERS), "cannot be followed", "");
    assertThat(vault.requests()).filteredOn(it -> it.contains(DOCUMENT)).hasSize(4);
  }

  @Test
  void failsWhenTheEngineIgnoresAssociatedData() {
    byte[] plaintext = {1, 2, 3};
    vault
        .answers("transit/encrypt/latchkey.shop.orders", 200, data("ciphertext", "vault:v1:AAAA"))
        .answers(
            "transit/decrypt/latchkey.shop.orders",
            200,
            data("plaintext", Base64.getEncoder().encodeToString(plaintext)));
    TransitKey key = new TransitKey(connection, "transit", "latchkey.shop.orders");
    Aead aead = new TransitAead(key);

    fails(
        () -> aead.decrypt("vault:v1:AAAA".getBytes(), plaintext),
        "ignores associated data",
        "1.9");
  }

  @Test
  void failsWhenTheCiphertextFormatIsUnknown() {
    vault
        .answers(
            "transit/decrypt/latchkey.shop.orders", 400, "{\"errors\":[\"invalid ciphertext\"]}")
        .answers("transit/encrypt/latchkey.shop.orders", 200, data("ciphertext", "vault:v1:AB=="));
    Aead aead = new TransitKeyEncryptionKeys(connection, "transit").forKeyset(ORDERS);

    fails(
        () -> aead.encrypt(new byte[1], new byte[1]), "returned an unknown ciphertext format", "");
  }

  @Test
  void printsTheServersErrorOnOneShortLine() {
    vault.answers(
        DOCUMENT,
        400,
        "{\"errors\":[\"line\\nbreak \\u001b[31m\", \"%s\"]}".formatted("x".repeat(999)));

    assertThatThrownBy(() -> store.load(ORDERS))
        .message()
        .contains("line break [31m; xxx")
        .hasLineCount(1)
        .hasSizeLessThan(500);
  }

  private static String data(String field, String value) {
    return VaultAnswer.JSON.writeValueAsString(Map.of("data", Map.of(field, value)));
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
