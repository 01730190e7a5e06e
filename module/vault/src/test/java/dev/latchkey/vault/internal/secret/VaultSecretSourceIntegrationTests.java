package dev.latchkey.vault.internal.secret;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.latchkey.LatchkeyException;
import dev.latchkey.StoreUnavailableException;
import dev.latchkey.secret.SecretReference;
import dev.latchkey.secret.SecretSource;
import dev.latchkey.secret.SecretValue;
import dev.latchkey.test.BaoServer;
import dev.latchkey.test.SecretSourceContract;
import dev.latchkey.vault.internal.client.PolicyLine;
import dev.latchkey.vault.internal.client.VaultTestConnection;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class VaultSecretSourceIntegrationTests extends SecretSourceContract {

  private final BaoServer server = BaoServer.shared();
  private final VaultSecretSource source = new VaultSecretSource(VaultTestConnection.root(server));

  @Override
  protected SecretSource source() {
    return source;
  }

  private static void holds(Optional<SecretValue> read, Map<String, ?> fields, long version) {
    assertThat(read).map(SecretValue::version).contains(version);
    assertThat(read.orElseThrow().values()).isEqualTo(fields);
  }

  @Test
  void readsFromKvVersion1() {
    String mount = server.mountKv(1);
    server.post(mount + "/app/db", Map.of("password", "one"));

    holds(source.read(mount + "/app/db", null), Map.of("password", "one"), 0);
    assertThat(source.read(mount + "/app/other", null)).isEmpty();
  }

  @Test
  void rejectsVersionsAndWritesInKvVersion1() {
    String mount = server.mountKv(1);
    server.post(mount + "/db", Map.of("password", "one"));

    fails(() -> source.read(mount + "/db", 3L), "KV version 1", "enable-versioning " + mount);
    fails(
        () -> source.write(mount + "/db", Map.of("password", "two"), 0),
        "has no check-and-set",
        "enable-versioning " + mount);
    assertThat(server.get(mount + "/db").at("/data/password").stringValue()).isEqualTo("one");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "auth/token/lookup-self",
        "sys/policies/acl/default",
        "identity/entity/id/x",
        "cubbyhole/x"
      })
  void rejectsPathsOfVaultItself(String path) {
    fails(
        () -> source.read(path, null),
        "Cannot read %s: it belongs to Vault at".formatted(path),
        "`vault secrets list`");
    fails(() -> source.readNewest(path), "it belongs to Vault at", "");
    fails(() -> source.write(path, Map.of("x", "y"), 0), "it belongs to Vault at", "");
    assertThat(source.needed()).isEmpty();
  }

  @Test
  void rejectsPathsOfVaultItselfInANamespace() {
    String namespace = server.newName("team");
    server.post("sys/namespaces/" + namespace, Map.of());

    for (String path : List.of("auth/token/lookup-self", "sys/policies/acl/default")) {
      fails(() -> source.read(namespace + "/" + path, null), "it belongs to Vault at", "");
    }
  }

  @Test
  void needsOnlyPathsThatItMayRead() {
    String mount = server.mountKv(2);
    server.post(mount + "/data/db", Map.of("data", Map.of("x", "y")));
    String token =
        server.token(
            server.policy("path \"%s/data/db\" { capabilities = [\"read\"] }".formatted(mount)));
    VaultSecretSource limited = new VaultSecretSource(VaultTestConnection.to(server.uri(), token));

    SecretValue read = limited.read(mount + "/db", null).orElseThrow();
    fails(() -> limited.read(mount + "/other", null), "denied", "");
    assertThat(limited.check(mount + "/db", read)).isEqualTo(SecretSource.News.CHANGED);

    assertThat(limited.needed()).containsExactly(PolicyLine.allowing(mount + "/data/db", "read"));
  }

  @Test
  void readsAndWritesPathsThatNeedEncoding() {
    String mount = server.newName("my team/kv ");
    String encoded = mount.replace(" ", "%20");
    server.mountKv(encoded, 2);
    SecretReference reference =
        SecretReference.parse(
            "vault@" + encoded + "/an%20app/%C3%BC%40%25?generate=32#pass%20word");

    source.write(reference.path(), Map.of("pass word", "one"), 0);

    holds(source.read(reference.path(), null), Map.of("pass word", "one"), 1);
    assertThat(
            server
                .get(encoded + "/data/an%20app/%C3%BC%40%25")
                .at("/data/data")
                .get("pass word")
                .stringValue())
        .isEqualTo("one");
    assertThat(source.needed())
        .extracting(PolicyLine::toString)
        .contains(
            "path \"%s/data/an app/ü@%%\" { capabilities = [\"create\", \"read\", \"update\"] }"
                .formatted(mount));
    assertThat(source.howToWrite(reference.path(), "x", true))
        .contains("Write it: `vault kv put '%s/an app/ü@%%' x=...`.".formatted(mount));
  }

  @Test
  void saysHowToWriteWhatIsMissing() {
    String versioned = server.mountKv(2);
    String unversioned = server.mountKv(1);
    String transit = server.mountTransit();

    assertThat(source.howToWrite(versioned + "/db", "x", true))
        .contains("Write it: `vault kv put %s/db x=...`.".formatted(versioned));
    assertThat(source.howToWrite(versioned + "/data/db", "x", true))
        .contains("Leave 'data/' out of the path: %s/db.".formatted(versioned));
    assertThat(source.howToWrite(unversioned + "/data/db", "x", false))
        .contains("Write it: `vault kv patch %s/data/db x=...`.".formatted(unversioned));
    assertThat(source.howToWrite(transit + "/keys/x", "y", false))
        .contains(
            "The engine at %s is of type 'transit' and decides what there is: correct the path or"
                    .formatted(transit)
                + " the field.");
    assertThat(source.mayWrite(versioned + "/db")).isTrue();
    assertThat(source.mayWrite(unversioned + "/db")).isFalse();
    assertThat(source.mayWrite(transit + "/keys/x")).isFalse();
  }

  @Test
  void followsAMountWhoseKindChanges() {
    String mount = server.mountKv(1);
    server.post(mount + "/db", Map.of("password", "one"));
    holds(source.read(mount + "/db", null), Map.of("password", "one"), 0);

    server.post("sys/mounts/" + mount + "/tune", Map.of("options", Map.of("version", "2")));
    await()
        .ignoreExceptionsInstanceOf(StoreUnavailableException.class)
        .untilAsserted(() -> holds(source.read(mount + "/db", null), Map.of("password", "one"), 1));

    server.delete("sys/mounts/" + mount);
    server.mountKv(mount, 1);
    server.post(mount + "/db", Map.of("password", "two"));
    holds(source.readNewest(mount + "/db"), Map.of("password", "two"), 0);
  }

  @Test
  void asksForDeniedMetadataAgain() {
    String mount = server.mountKv(2);
    server.post(mount + "/data/db", Map.of("data", Map.of("x", "y")));
    String data = "path \"%s/data/db\" { capabilities = [\"read\"] }\n".formatted(mount);
    String policy = server.policy(data);
    VaultSecretSource limited =
        new VaultSecretSource(VaultTestConnection.to(server.uri(), server.token(policy)));
    SecretValue read = limited.read(mount + "/db", null).orElseThrow();
    assertThat(limited.check(mount + "/db", read)).isEqualTo(SecretSource.News.CHANGED);

    server.post(
        "sys/policies/acl/" + policy,
        Map.of("policy", data + data.replace("/data/", "/metadata/")));
    for (int i = 1; i < VaultSecretSource.CHECKS_AFTER_DENIAL; i++) {
      assertThat(limited.check(mount + "/db", read)).isEqualTo(SecretSource.News.CHANGED);
    }
    assertThat(limited.check(mount + "/db", read)).isNotEqualTo(SecretSource.News.CHANGED);
  }

  @Test
  void findsAMountWithSeveralSegments() {
    String versioned = server.newName("team/deep/kv");
    String unversioned = server.newName("team/deep/kv");
    server.mountKv(versioned, 2);
    server.mountKv(unversioned, 1);
    server.post(versioned + "/data/a/b", Map.of("data", Map.of("x", "versioned")));
    server.post(unversioned + "/data/b", Map.of("x", "unversioned"));

    holds(source.read(versioned + "/a/b", null), Map.of("x", "versioned"), 1);
    holds(source.read(unversioned + "/data/b", null), Map.of("x", "unversioned"), 0);
  }

  @Test
  void preservesTheDigitsOfNumbers() {
    String mount = server.mountKv(2);
    server.post(
        mount + "/data/n",
        Map.of("data", Map.of("long", 9007199254740993L, "fraction", new BigDecimal("0.1"))));

    assertThat(source.read(mount + "/n", null).orElseThrow().values())
        .containsEntry("fraction", new BigDecimal("0.1"))
        .hasEntrySatisfying(
            "long",
            number ->
                assertThat(number)
                    .hasToString(server.get(mount + "/data/n").at("/data/data/long").toString()));
  }

  @Test
  void reportsAPinnedVersionAsAbsentOnlyWhenThePathIsAbsent() {
    String mount = server.mountKv(2);

    assertThat(source.read(mount + "/db", 2L)).isEmpty();

    server.post(mount + "/data/db", Map.of("data", Map.of("x", "one")));
    fails(
        () -> source.read(mount + "/db", 2L),
        "has no version 2",
        "vault kv metadata get -mount=%s db".formatted(mount));
  }

  @Test
  void failsWhenTheVersionIsDeletedOrDestroyed() {
    String mount = server.mountKv(2);
    server.post(mount + "/data/db", Map.of("data", Map.of("x", "one")));
    server.post(mount + "/data/db", Map.of("data", Map.of("x", "two")));
    server.post(mount + "/delete/db", Map.of("versions", List.of(1)));

    fails(
        () -> source.read(mount + "/db", 1L),
        "Version 1 of %s/db is deleted".formatted(mount),
        "vault kv undelete -mount=%s -versions=1 db".formatted(mount));
    assertThat(source.read(mount + "/db", null)).isPresent();

    server.post(mount + "/destroy/db", Map.of("versions", List.of(2)));
    fails(
        () -> source.read(mount + "/db", null),
        "Version 2 of %s/db is destroyed".formatted(mount),
        "backup");
  }

  @Test
  void failsWhenTheMountDoesNotExist() {
    fails(
        () -> source.read("secrte/db", null),
        "has no secrets engine at secrte/db",
        "vault secrets list");
  }

  @Test
  void failsWhenTheEngineCannotBeRead() {
    String transit = server.mountTransit();

    fails(() -> source.read(transit + "/keys", null), "is of type 'transit'", "vault secrets list");
  }

  @Test
  void failsWhenTheReferenceIsAMount() {
    fails(() -> source.read("secret", null), "it is a mount", "Add the path");
  }

  @Test
  void failsWhenThePathHasInvalidCharacters() {
    fails(() -> source.read("secret/a?b", null), "Invalid path", "letters");
    fails(() -> source.read("secret/../sys/seal", null), "Invalid path", "letters");
    fails(() -> source.read("secret/%2e%2e/sys", null), "Invalid path", "letters");
  }

  @Test
  void printsThePolicyLineWhenPermissionIsDenied() {
    String mount = server.mountKv(2);
    String unversioned = server.mountKv(1);
    String token =
        server.token(
            server.policy(
                """
                path "%s/data/other" { capabilities = ["read"] }
                path "%s/other" { capabilities = ["read"] }
                """
                    .formatted(mount, unversioned)));
    SecretSource source = source(token);

    fails(
        () -> source.read(mount + "/db", null),
        "Cannot read %s/db: permission denied by Vault at %s".formatted(mount, server.uri()),
        "path \"%s/data/db\" { capabilities = [\"read\"] }".formatted(mount));
    fails(
        () -> source.read(unversioned + "/db", null),
        "permission denied",
        "path \"%s/db\" { capabilities = [\"read\"] }".formatted(unversioned));
    fails(
        () -> source.write(mount + "/db", Map.of(), 0),
        "permission denied",
        "path \"%s/data/db\" { capabilities = [\"create\", \"update\"] }".formatted(mount));
  }

  @Test
  void distinguishesADenialFromAnInvalidTokenWithoutTheDefaultPolicy() {
    String mount = server.mountKv(2);
    String policy =
        server.policy("path \"%s/data/other\" { capabilities = [\"read\"] }".formatted(mount));
    String token =
        server
            .post(
                "auth/token/create", Map.of("policies", List.of(policy), "no_default_policy", true))
            .at("/auth/client_token")
            .stringValue();

    fails(() -> source(token).read(mount + "/db", null), "permission denied", "path");
    fails(() -> source("s.unknown").read(mount + "/db", null), "rejected the token", "valid");
  }

  @Test
  void describesItsServer() {
    assertThat(source.description()).isEqualTo("Vault at " + server.uri());
  }

  private SecretSource source(String token) {
    return new VaultSecretSource(VaultTestConnection.to(server.uri(), token));
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
