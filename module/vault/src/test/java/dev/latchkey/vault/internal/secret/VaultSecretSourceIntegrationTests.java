package dev.latchkey.vault.internal.secret;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latchkey.LatchkeyException;
import dev.latchkey.secret.SecretData;
import dev.latchkey.secret.SecretSource;
import dev.latchkey.test.BaoServer;
import dev.latchkey.test.SecretSourceContract;
import dev.latchkey.vault.internal.client.VaultTestConnection;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

final class VaultSecretSourceIntegrationTests extends SecretSourceContract {

  private final BaoServer server = BaoServer.shared();
  private final VaultSecretSource source = new VaultSecretSource(VaultTestConnection.root(server));

  @Override
  protected SecretSource source() {
    return source;
  }

  @Test
  void readsFromAnEngineThatKeepsNoVersions() {
    String mount = server.mountKv(1);
    server.post(mount + "/app/db", Map.of("password", "one"));

    assertThat(source.read(mount + "/app/db", null))
        .contains(new SecretData(Map.of("password", "one"), 0));
    assertThat(source.read(mount + "/app/other", null)).isEmpty();
  }

  @Test
  void refusesVersionsAndWritesWhereNoneAreKept() {
    String mount = server.mountKv(1);
    server.post(mount + "/db", Map.of("password", "one"));

    fails(() -> source.read(mount + "/db", 3L), "KV version 1", "enable-versioning " + mount);
    fails(
        () -> source.write(mount + "/db", Map.of("password", "two"), 0),
        "knows no check-and-set",
        "enable-versioning " + mount);
    assertThat(server.get(mount + "/db").at("/data/password").stringValue()).isEqualTo("one");
  }

  @Test
  void findsWhereAMountOfSeveralSegmentsEnds() {
    String versioned = server.newName("team/deep/kv");
    String unversioned = server.newName("team/deep/kv");
    server.mountKv(versioned, 2);
    server.mountKv(unversioned, 1);
    server.post(versioned + "/data/a/b", Map.of("data", Map.of("x", "versioned")));
    server.post(unversioned + "/data/b", Map.of("x", "unversioned"));

    assertThat(source.read(versioned + "/a/b", null))
        .contains(new SecretData(Map.of("x", "versioned"), 1));
    assertThat(source.read(unversioned + "/data/b", null))
        .contains(new SecretData(Map.of("x", "unversioned"), 0));
  }

  @Test
  void keepsTheDigitsOfNumbersAsTheServerGivesThem() {
    String mount = server.mountKv(2);
    server.post(
        mount + "/data/n",
        Map.of("data", Map.of("long", 9007199254740993L, "fraction", new BigDecimal("0.1"))));

    assertThat(source.read(mount + "/n", null).orElseThrow().fields())
        .containsEntry("fraction", new BigDecimal("0.1"))
        .hasEntrySatisfying(
            "long",
            number ->
                assertThat(number)
                    .hasToString(server.get(mount + "/data/n").at("/data/data/long").toString()));
  }

  @Test
  void isAbsentForAPinnedVersionOnlyWhereThePathIs() {
    String mount = server.mountKv(2);

    assertThat(source.read(mount + "/db", 2L)).isEmpty();

    server.post(mount + "/data/db", Map.of("data", Map.of("x", "one")));
    fails(
        () -> source.read(mount + "/db", 2L),
        "has no version 2",
        "vault kv metadata get -mount=%s db".formatted(mount));
  }

  @Test
  void failsForADeletedOrDestroyedVersion() {
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
  void failsForAWrongMount() {
    fails(
        () -> source.read("secrte/db", null),
        "has no secrets engine at secrte/db",
        "vault secrets list");
  }

  @Test
  void failsForAnEngineOfAnotherType() {
    String transit = server.mountTransit();

    fails(() -> source.read(transit + "/keys", null), "is of type 'transit'", "vault secrets list");
  }

  @Test
  void failsForAMountWithoutAPath() {
    fails(() -> source.read("secret", null), "it is a mount", "Add the path");
  }

  @Test
  void failsForCharactersThatNoPathHas() {
    fails(() -> source.read("secret/a?b", null), "is no path", "letters");
    fails(() -> source.read("secret/../sys/seal", null), "is no path", "letters");
    fails(() -> source.read("secret/%2e%2e/sys", null), "is no path", "letters");
  }

  @Test
  void printsThePolicyLineWhenDenied() {
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
        "Cannot read %s/db: Vault at %s denies it".formatted(mount, server.uri()),
        "path \"%s/data/db\" { capabilities = [\"read\"] }".formatted(mount));
    fails(
        () -> source.read(unversioned + "/db", null),
        "denies it",
        "path \"%s/db\" { capabilities = [\"read\"] }".formatted(unversioned));
    fails(
        () -> source.write(mount + "/db", Map.of(), 0),
        "denies it",
        "path \"%s/data/db\" { capabilities = [\"create\", \"update\"] }".formatted(mount));
  }

  @Test
  void tellsAPolicyFromAnUnknownTokenEvenWithoutTheDefaultPolicy() {
    String mount = server.mountKv(2);
    String policy =
        server.policy("path \"%s/data/other\" { capabilities = [\"read\"] }".formatted(mount));
    String token =
        server
            .post(
                "auth/token/create", Map.of("policies", List.of(policy), "no_default_policy", true))
            .at("/auth/client_token")
            .stringValue();

    fails(() -> source(token).read(mount + "/db", null), "denies it", "path");
    fails(() -> source("s.unknown").read(mount + "/db", null), "does not know the token", "valid");
  }

  @Test
  void describesWhereItReads() {
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
