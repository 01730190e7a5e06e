package dev.latchkey.vault.internal.keyset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latchkey.LatchkeyException;
import dev.latchkey.StoreUnavailableException;
import dev.latchkey.WriteConflictException;
import dev.latchkey.key.KeysetId;
import dev.latchkey.key.KeysetTemplate;
import dev.latchkey.key.document.KeysetStore;
import dev.latchkey.key.document.StoredDocument;
import dev.latchkey.key.document.internal.KeysetRepository;
import dev.latchkey.key.document.internal.PublicHalves;
import dev.latchkey.key.document.internal.PublicHalves.StoredState;
import dev.latchkey.key.internal.KeysetEditor;
import dev.latchkey.key.internal.KeysetSnapshot;
import dev.latchkey.memory.internal.MemoryKeyEncryptionKeys;
import dev.latchkey.memory.internal.MemoryKeysetStore;
import dev.latchkey.test.BaoServer;
import dev.latchkey.test.KeysetStoreContract;
import dev.latchkey.vault.internal.client.VaultConnection;
import dev.latchkey.vault.internal.client.VaultSettings;
import dev.latchkey.vault.internal.client.VaultTestConnection;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class VaultKeysetStoreIntegrationTests extends KeysetStoreContract {

  private static final KeysetId ORDERS = new KeysetId("shop", "orders");

  private final BaoServer server = BaoServer.shared();
  private final String mount = server.mountKv(2);
  private final VaultConnection connection = VaultTestConnection.root(server);
  private final VaultKeysetStore store = new VaultKeysetStore(connection, mount, "latchkey");

  @Override
  protected KeysetStore store() {
    return store;
  }

  @Test
  void storesTheDocumentAsOneFieldAtOwnerAndName() {
    store.save(ORDERS, "text", 0);

    assertThat(store.location(ORDERS)).isEqualTo(mount + "/latchkey/shop/orders");
    assertThat(server.get(mount + "/data/latchkey/shop/orders").at("/data/data").toString())
        .isEqualTo("{\"document\":\"text\"}");
  }

  @Test
  void usesOnlyTheServersClock() {
    StoredDocument saved = store.save(ORDERS, "text", 0);

    String created =
        server
            .get(mount + "/data/latchkey/shop/orders")
            .at("/data/metadata/created_time")
            .stringValue();
    assertThat(saved.createdAt()).isEqualTo(created);
  }

  @Test
  void printsTheUndeleteCommandWhenTheDocumentIsDeleted() {
    store.save(ORDERS, "text", 0);
    store.save(ORDERS, "text", 1);
    server.delete(mount + "/data/latchkey/shop/orders");

    fails(
        () -> store.load(ORDERS),
        "Version 2 of %s/latchkey/shop/orders is deleted".formatted(mount),
        "vault kv undelete -mount=%s -versions=2 latchkey/shop/orders".formatted(mount));
    assertThatThrownBy(() -> store.save(ORDERS, "text", 0))
        .isInstanceOf(WriteConflictException.class);

    server.post(mount + "/undelete/latchkey/shop/orders", Map.of("versions", List.of(2)));
    assertThat(store.load(ORDERS)).get().returns(2L, StoredDocument::generation);
  }

  @Test
  void failsWhenTheDocumentIsDestroyed() {
    store.save(ORDERS, "text", 0);
    server.post(mount + "/destroy/latchkey/shop/orders", Map.of("versions", List.of(1)));

    fails(() -> store.load(ORDERS), "is destroyed", "Restore a backup");
  }

  /** It can be replaced, but only with a version that is higher than the previous ones. */
  @Test
  void printsTheCommandThatReplacesThePublicHalf(@TempDir Path bin) throws Exception {
    OperatorShell operator = new OperatorShell(server, bin);
    String path = "latchkey/shop/orders.public";
    String command = "vault kv put -mount=%s %s document=reset".formatted(mount, path);
    PublicHalves halves = new PublicHalves(store.publicHalves());
    KeysetSnapshot owned = ownedInMemory();
    Map<String, Runnable> happenings =
        Map.of(
            "is not a keyset document",
            () ->
                server.post(mount + "/data/" + path, Map.of("data", Map.of("password", "theirs"))),
            "is deleted",
            () -> server.delete(mount + "/data/" + path),
            "is destroyed",
            () -> server.post(mount + "/destroy/" + path, Map.of("versions", newest(path))));
    StoredState standing = halves.save(ORDERS, owned, null);

    for (Map.Entry<String, Runnable> happening : happenings.entrySet()) {
      happening.getValue().run();
      fails(() -> halves.load(ORDERS, null), happening.getKey(), command);

      operator.paste(List.of(command));

      StoredState now = halves.load(ORDERS, standing.half()).orElseThrow();
      assertThat(now.half()).isNull();
      assertThat(now.generation()).isGreaterThan(standing.generation());
      standing = halves.save(ORDERS, owned, now);
      assertThat(halves.load(ORDERS, null)).get().extracting(StoredState::half).isNotNull();
    }
  }

  private List<Integer> newest(String path) {
    return List.of(server.get(mount + "/metadata/" + path).at("/data/current_version").intValue());
  }

  private static KeysetSnapshot ownedInMemory() {
    return new KeysetRepository(
            new MemoryKeysetStore(Clock.systemUTC()), new MemoryKeyEncryptionKeys())
        .create(
            ORDERS,
            KeysetEditor.create(ORDERS, KeysetTemplate.of("ED25519"), Duration.ZERO).draft(true))
        .snapshot();
  }

  @Test
  void printsTheCommandThatResetsACounter(@TempDir Path bin) throws Exception {
    KeysetStore counters = store.counters();
    counters.save(ORDERS, "text", 0);
    server.delete(mount + "/data/latchkey/shop/orders.usage");
    String command =
        "vault kv metadata delete -mount=%s latchkey/shop/orders.usage".formatted(mount);

    fails(() -> counters.load(ORDERS), "is deleted", command);
    new OperatorShell(server, bin).paste(List.of(command));

    assertThat(counters.load(ORDERS)).isEmpty();
    assertThat(counters.save(ORDERS, "text", 0).generation()).isEqualTo(1);
  }

  @Test
  void failsWhenTheEngineIsKvVersion1() {
    String unversioned = server.mountKv(1);
    KeysetStore store = new VaultKeysetStore(connection, unversioned, "latchkey");

    fails(
        () -> store.load(ORDERS),
        "KV version 1",
        "vault kv enable-versioning %s/".formatted(unversioned));
    fails(
        () -> store.save(ORDERS, "text", 0),
        "KV version 1",
        "vault kv enable-versioning %s/".formatted(unversioned));
    fails(() -> store.load(ORDERS), "KV version 1", "enable-versioning");
  }

  @Test
  void failsWhenTheMountDoesNotExist() {
    KeysetStore store = new VaultKeysetStore(connection, "secrte", "latchkey");

    fails(
        () -> store.load(ORDERS),
        "has no secrets engine at secrte/data/latchkey/shop/orders",
        "vault secrets enable -path=secrte -version=2 kv");
    fails(() -> store.save(ORDERS, "text", 0), "has no secrets engine", "secrets enable");
  }

  @Test
  void namesTheMountWhenItIsLongerThanConfigured() {
    String deep = server.newName("team/deep");
    server.mountKv(deep, 2);

    fails(
        () -> new VaultKeysetStore(connection, deep, "latchkey").save(ORDERS, "t", 7),
        "is no longer at version 7",
        "");
    assertThat(new VaultKeysetStore(connection, deep, "latchkey").load(ORDERS)).isEmpty();
  }

  @Test
  void printsThePolicyLineWhenPermissionIsDenied() {
    String token =
        server.token(
            server.policy("path \"%s/data/other\" { capabilities = [\"read\"] }".formatted(mount)));
    KeysetStore store = store(token);

    fails(
        () -> store.load(ORDERS),
        "Cannot read %s/latchkey/shop/orders: permission denied by Vault at".formatted(mount),
        "path \"%s/data/latchkey/shop/orders\" { capabilities = [\"read\"] }".formatted(mount));
    fails(
        () -> store.save(ORDERS, "text", 0),
        "permission denied",
        "path \"%s/data/latchkey/shop/orders\" { capabilities = [\"create\", \"update\"] }"
            .formatted(mount));
    fails(
        () -> store.save(ORDERS, "text", 1),
        "permission denied",
        "path \"%s/data/latchkey/shop/orders\" { capabilities = [\"update\"] }".formatted(mount));
  }

  @Test
  void failsWithBothReasonsWhenThePolicyAllowsNothingInTheMount() {
    String token = server.token();

    fails(
        () -> store(token).load(ORDERS),
        "has no secrets engine at %s/latchkey/shop/orders, or the token's policies"
            .formatted(mount),
        "path \"%s/data/latchkey/shop/orders\"".formatted(mount));
  }

  @Test
  void failsWhenTheTokenIsRejected() {
    KeysetStore store = store("s.mistyped");

    assertThatThrownBy(() -> store.load(ORDERS))
        .isInstanceOf(LatchkeyException.class)
        .isNotInstanceOf(StoreUnavailableException.class)
        .hasMessageContaining("rejected the token")
        .hasMessageNotContaining("mistyped.");
  }

  @Test
  void failsWhenTheServerWillDeleteTheDocument() {
    server.post(mount + "/metadata/latchkey/shop/orders", Map.of("delete_version_after", "768h"));

    fails(
        () -> store.save(ORDERS, "text", 0),
        "will be deleted at",
        "vault kv undelete -mount=%s -versions=1 latchkey/shop/orders".formatted(mount));
    fails(() -> store.load(ORDERS), "will be deleted", "delete_version_after");

    server.post(mount + "/metadata/latchkey/shop/orders", Map.of("delete_version_after", "0s"));
    server.post(mount + "/undelete/latchkey/shop/orders", Map.of("versions", List.of(1)));
    assertThat(store.load(ORDERS)).get().returns("text", StoredDocument::content);
    assertThat(store.save(ORDERS, "next", 1).generation()).isEqualTo(2);
  }

  @Test
  void doesNotOverwriteForeignContent() {
    server.post(mount + "/data/latchkey/shop/orders", Map.of("data", Map.of("password", "canary")));

    assertThatThrownBy(() -> store.load(ORDERS))
        .isInstanceOf(LatchkeyException.class)
        .hasMessageContaining("is not a keyset document")
        .hasMessageNotContaining("canary");

    server.post(
        mount + "/data/latchkey/shop/orders", Map.of("data", Map.of("document", List.of("x"))));
    fails(() -> store.load(ORDERS), "is not a keyset document", "Latchkey does not overwrite");
  }

  @Test
  void isUnavailableWhileSealedOrDown() {
    try (BaoServer own = BaoServer.start()) {
      KeysetStore store = new VaultKeysetStore(VaultTestConnection.root(own), "secret", "latchkey");
      store.save(ORDERS, "text", 0);

      own.seal();
      unavailable(() -> store.load(ORDERS), "unavailable: sealed", "vault operator unseal");
      unavailable(
          () -> store.save(ORDERS, "text", 1), "unavailable: sealed", "vault operator unseal");

      own.unseal();
      assertThat(store.load(ORDERS)).isPresent();

      own.pause();
      unavailable(() -> store.load(ORDERS), "response timed out", "read-timeout");
      own.resume();
      assertThat(store.load(ORDERS)).isPresent();

      own.close();
      unavailable(() -> store.load(ORDERS), "is not reachable", "latchkey.vault.uri");
    }
  }

  @Test
  void isUnavailableWhileTheRateLimitIsExceeded() {
    store.save(ORDERS, "text", 0);
    String quota = "sys/quotas/rate-limit/" + mount;
    server.post(quota, Map.of("path", mount + "/", "rate", 1, "interval", "1h"));
    try {
      store.load(ORDERS);
      unavailable(() -> store.load(ORDERS), "rate limit exceeded", "Raise the quota");
      unavailable(() -> store.save(ORDERS, "text", 1), "rate limit exceeded", "Raise the quota");
    } finally {
      server.delete(quota);
    }
    assertThat(store.load(ORDERS).orElseThrow().generation()).isEqualTo(1);
  }

  @Test
  void isUnavailableWhenTheHostIsUnknownOrDoesNotSpeakTls() {
    VaultConnection unknown =
        VaultTestConnection.to(URI.create("https://vault.invalid:8200"), "token");
    unavailable(
        () -> new VaultKeysetStore(unknown, "secret", "latchkey").load(ORDERS),
        "unknown host",
        "latchkey.vault.uri");

    VaultConnection plain =
        VaultTestConnection.to(
            URI.create("https://127.0.0.1:" + server.uri().getPort()), server.rootToken());
    unavailable(
        () -> new VaultKeysetStore(plain, "secret", "latchkey").load(ORDERS),
        "TLS handshake failed",
        "latchkey.vault.ssl.bundle");
  }

  @Test
  void failsWhenTheNamespaceIsUnknown() {
    VaultSettings settings = VaultTestConnection.settings(server.uri());
    VaultConnection elsewhere =
        VaultConnection.to(
            new VaultSettings(
                settings.uri(),
                false,
                "nowhere",
                null,
                settings.connectTimeout(),
                settings.readTimeout(),
                settings.proofInterval(),
                settings.proofRetry(),
                null),
            VaultTestConnection.token(server.rootToken()));

    fails(
        () -> new VaultKeysetStore(elsewhere, mount, "latchkey").load(ORDERS),
        "the namespace does not exist",
        "latchkey.vault.namespace");
  }

  @Test
  void worksInANamespace() {
    String namespace = server.newName("ns");
    server.post("sys/namespaces/" + namespace, Map.of());
    server.mountKvIn(namespace, "secret", 2);
    VaultSettings settings = VaultTestConnection.settings(server.uri());
    VaultConnection inNamespace =
        VaultConnection.to(
            new VaultSettings(
                settings.uri(),
                false,
                namespace,
                null,
                settings.connectTimeout(),
                settings.readTimeout(),
                settings.proofInterval(),
                settings.proofRetry(),
                null),
            VaultTestConnection.token(server.rootToken()));
    KeysetStore store = new VaultKeysetStore(inNamespace, "secret", "latchkey");

    assertThat(store.load(ORDERS)).isEmpty();
    store.save(ORDERS, "text", 0);

    assertThat(store.load(ORDERS)).isPresent();
    assertThat(server.get(namespace + "/secret/data/latchkey/shop/orders").isObject()).isTrue();
  }

  private KeysetStore store(String token) {
    return new VaultKeysetStore(VaultTestConnection.to(server.uri(), token), mount, "latchkey");
  }

  private static void unavailable(ThrowingCallable call, String description, String action) {
    assertThatThrownBy(call).isInstanceOf(StoreUnavailableException.class);
    fails(call, description, action);
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
