package dev.latchkey.vault.internal.keyset;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latchkey.LatchkeyException;
import dev.latchkey.key.KeyDestruction;
import dev.latchkey.key.KeyMetadata;
import dev.latchkey.key.KeyState;
import dev.latchkey.key.rotation.KeyAction;
import dev.latchkey.key.rotation.KeysetStatus.OpenDestruction;
import dev.latchkey.key.rotation.RotationPolicy;
import dev.latchkey.key.rotation.RotationRefusedException;
import dev.latchkey.test.BaoServer;
import dev.latchkey.test.internal.RecordingProxy;
import dev.latchkey.vault.internal.client.VaultTestConnection;
import dev.latchkey.vault.internal.policy.Policies;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Destroys keys on a real server with the application's policy and with the operator's. */
final class VaultErasureIntegrationTests {

  private static final byte[] TEXT = "text".getBytes(UTF_8);

  /** Scheduled keys are destroyed without a delay. */
  private static final RotationPolicy AT_ONCE =
      new RotationPolicy(null, Duration.ZERO, Duration.ZERO, false, null, null, Duration.ZERO);

  private final BaoServer server = BaoServer.shared();
  private final String mount = server.mountKv(2);
  private final String transit = server.mountTransit();
  private final String document = "latchkey/shop/orders";
  private final String transitKey = transit + "/keys/latchkey.shop.orders";

  @Test
  void erasesADestroyedKeyFromTheServer() throws GeneralSecurityException {
    try (VaultInstance instance = instance(server.rootToken())) {
      byte[] before = instance.aead().encrypt(TEXT, TEXT);
      scheduleFirstKey(instance);
      List<String> oldVersions = wrappedVersions();
      byte[] after = instance.aead().encrypt(TEXT, TEXT);

      destroy(instance, false);

      KeyMetadata key = firstKey(instance);
      assertThat(key.state()).isEqualTo(KeyState.DESTROYED);
      KeyDestruction.Receipt receipt = key.destruction().receipt();
      assertThat(key.destruction().by()).isEqualTo("alice");
      assertThat(receipt.evidence())
          .containsExactly(
              "%s/%s: all remaining versions before 4 (1,2,3) are read back as destroyed."
                  .formatted(mount, document),
              transitKey + ": trimmed; no version before 2 is available.",
              "A ciphertext of version 1 of %s/latchkey.shop.orders is rejected as too old."
                  .formatted(transit));
      assertThat(receipt.beyondReach())
          .anyMatch(line -> line.contains("backups"))
          .anyMatch(line -> line.contains("heap dumps"))
          .anyMatch(line -> line.contains("swap"));
      assertThat(instance.aead().decrypt(after, TEXT)).isEqualTo(TEXT);
      assertThatThrownBy(() -> instance.aead().decrypt(before, TEXT))
          .isInstanceOf(GeneralSecurityException.class);
      assertGone(oldVersions);
      assertReopens();
    }
  }

  @Test
  void printsTheOperatorsCommandsAndWaitsUntilTheyAreDone(@TempDir Path bin) throws Exception {
    OperatorShell operator =
        new OperatorShell(server, bin, server.token(server.policy(policies().operator())));
    try (VaultInstance owner = instance(server.rootToken());
        VaultInstance instance = instance(server.token(server.policy(applicationPolicy())))) {
      scheduleFirstKey(owner);
      List<String> oldVersions = wrappedVersions();

      destroy(instance, false);
      OpenDestruction open = open(instance);
      assertThat(open.commands()).containsExactly("vault write -f " + transitKey + "/rotate");
      assertThat(firstKey(instance).state()).isEqualTo(KeyState.DESTROY_SCHEDULED);
      assertThat(firstKey(instance).destruction().by()).isEqualTo("alice");

      operator.paste(open.commands());
      destroy(instance, false);
      open = open(instance);
      assertThat(open.commands())
          .containsExactly(
              "vault kv destroy -mount=%s -versions=1,2,3,4 %s".formatted(mount, document),
              "vault write %s/config min_decryption_version=2 min_encryption_version=2"
                  .formatted(transitKey),
              "vault write %s/trim min_available_version=2".formatted(transitKey));
      assertThat(firstKey(instance).state()).isEqualTo(KeyState.DESTROYED);
      assertThat(firstKey(instance).destruction().receipt()).isNull();

      for (String command : List.copyOf(open.commands())) {
        destroy(instance, false);
        assertThat(open(instance).commands()).first().isEqualTo(command);
        operator.paste(List.of(command));
      }

      instance.rotator().refresh();
      assertThat(firstKey(instance).destruction().receipt()).isNotNull();
      assertThat(firstKey(instance).destruction().by()).isEqualTo("alice");
      assertThat(instance.rotator().status().openDestructions()).isEmpty();
      assertGone(oldVersions);
      assertReopens();
    }
  }

  @Test
  void continuesTheDestructionAtTheRefreshAfterARestart(@TempDir Path bin) throws Exception {
    OperatorShell operator = new OperatorShell(server, bin);
    String token = server.token(server.policy(applicationPolicy()));
    try (VaultInstance instance = instance(token)) {
      scheduleFirstKey(instance);
      operator.paste(List.of("vault write -f " + transitKey + "/rotate"));
      destroy(instance, false);
      operator.paste(open(instance).commands());
    }
    try (VaultInstance later = instance(token)) {
      later.rotator().refresh();
      assertThat(firstKey(later).destruction().receipt()).isNotNull();
    }
  }

  @Test
  void requestsBothMinimumVersionsWhenAnOperatorRaisedOne(@TempDir Path bin) throws Exception {
    OperatorShell operator = new OperatorShell(server, bin);
    try (VaultInstance owner = instance(server.rootToken());
        VaultInstance instance = instance(server.token(server.policy(applicationPolicy())))) {
      scheduleFirstKey(owner);
      operator.paste(List.of("vault write -f " + transitKey + "/rotate"));
      destroy(instance, false);
      List<String> commands = open(instance).commands();
      operator.paste(
          List.of(
              commands.get(0), "vault write " + transitKey + "/config min_decryption_version=2"));

      destroy(instance, false);

      assertThat(open(instance).commands()).isEqualTo(commands.subList(1, 3));
      operator.paste(open(instance).commands());
      destroy(instance, false);
      assertThat(firstKey(instance).destruction().receipt()).isNotNull();
    }
  }

  @Test
  void trustsTheTrimOnlyWhenForced(@TempDir Path bin) throws Exception {
    OperatorShell operator = new OperatorShell(server, bin);
    String policy =
        applicationPolicy()
            .lines()
            .filter(line -> !line.contains("/keys/"))
            .reduce("", String::concat);
    try (VaultInstance owner = instance(server.rootToken());
        VaultInstance instance = instance(server.token(server.policy(policy)))) {
      scheduleFirstKey(owner);
      operator.paste(List.of("vault write -f " + transitKey + "/rotate"));
      destroy(instance, false);
      operator.paste(open(instance).commands());

      destroy(instance, false);
      assertThat(open(instance).reason())
          .contains("path \"%s\" { capabilities = [\"read\"] }".formatted(transitKey))
          .contains("\"force\": true");
      assertThat(firstKey(instance).destruction().receipt()).isNull();

      destroy(instance, true);
      assertThat(firstKey(instance).destruction().receipt().evidence())
          .contains(
              transitKey + ": reported as trimmed to version 2; the token may not verify it.");
    }
  }

  @Test
  void printsThePolicyLineThatVerifiesTheDestruction(@TempDir Path bin) throws Exception {
    String policy =
        applicationPolicy()
            .lines()
            .filter(line -> !line.contains("/metadata/"))
            .reduce("", String::concat);
    try (VaultInstance owner = instance(server.rootToken());
        VaultInstance instance = instance(server.token(server.policy(policy)))) {
      scheduleFirstKey(owner);
      new OperatorShell(server, bin).paste(List.of("vault write -f " + transitKey + "/rotate"));

      assertThatThrownBy(() -> destroy(instance, false))
          .isInstanceOf(LatchkeyException.class)
          .satisfies(
              ex ->
                  assertThat(((LatchkeyException) ex).action())
                      .contains(
                          "path \"%s/metadata/%s\" { capabilities = [\"read\"] }"
                              .formatted(mount, document)));
    }
  }

  /** After every fourth request; with {@code -Dlatchkey.crashes.stride=1} after every request. */
  @Test
  void resumesAfterACrashAtAnyRequest() throws GeneralSecurityException {
    int stride = Integer.getInteger("latchkey.crashes.stride", 4);
    int steps = 1 - stride;
    boolean finished = false;
    while (!finished) {
      steps += stride;
      String kv = server.mountKv(2);
      String keys = server.mountTransit();
      try (RecordingProxy proxy = RecordingProxy.before(server);
          VaultInstance first = instance(proxy.uri(), server.rootToken(), kv, keys)) {
        byte[] old = first.aead().encrypt(TEXT, TEXT);
        scheduleFirstKey(first);
        proxy.passOnly(steps);
        finished = isDestroyedBy(first);
        try (VaultInstance next = instance(server.uri(), server.rootToken(), kv, keys)) {
          if (firstKey(next).destruction() == null
              || firstKey(next).destruction().receipt() == null) {
            destroy(next, false);
          }
          assertThat(firstKey(next).destruction().receipt())
              .as("after a crash within request %d", steps)
              .isNotNull();
          assertThatThrownBy(() -> next.aead().decrypt(old, TEXT))
              .isInstanceOf(GeneralSecurityException.class);
        }
      }
    }
    assertThat(steps).isBetween(15, 40);
  }

  @Test
  void sendsTheExpectedRequestsInOrder() {
    try (RecordingProxy proxy = RecordingProxy.before(server);
        VaultInstance instance = instance(proxy.uri(), server.rootToken(), mount, transit)) {
      scheduleFirstKey(instance);
      int before = proxy.requests().size();
      destroy(instance, false);
      List<String> requests = proxy.requests().subList(before, proxy.requests().size());
      assertThat(requests).hasSizeLessThanOrEqualTo(31);
      assertThat(requests)
          .filteredOn(
              request -> request.startsWith("POST") && !request.matches(".*/(en|de)crypt/.*"))
          .filteredOn(request -> !request.contains("cubbyhole"))
          .as("in this order")
          .containsExactly(
              "POST /v1/%s/rotate".formatted(transitKey),
              "POST /v1/%s/data/%s".formatted(mount, document),
              "POST /v1/%s/destroy/%s".formatted(mount, document),
              "POST /v1/%s/config".formatted(transitKey),
              "POST /v1/%s/trim".formatted(transitKey),
              "POST /v1/%s/data/%s".formatted(mount, document));
    }
  }

  @Test
  void failsWhenTheKeyIsAlreadyDestroyed() {
    try (VaultInstance instance = instance(server.rootToken())) {
      scheduleFirstKey(instance);
      destroy(instance, false);
      assertThatExceptionOfType(RotationRefusedException.class)
          .isThrownBy(() -> destroy(instance, false))
          .withMessageContaining("was destroyed, verified at");
    }
  }

  /** Whether it completed before the connection was cut. */
  private static boolean isDestroyedBy(VaultInstance instance) {
    try {
      destroy(instance, false);
      return true;
    } catch (LatchkeyException ex) {
      return false;
    }
  }

  private static void destroy(VaultInstance instance, boolean force) {
    instance.rotator().perform(KeyAction.DESTROY, firstKey(instance).id(), force, "alice");
  }

  private static void scheduleFirstKey(VaultInstance instance) {
    instance.rotate();
    instance.rotator().perform(KeyAction.SCHEDULE_DESTROY, firstKey(instance).id(), false);
  }

  /** The ciphertexts of the document so far, as they may have been copied. */
  private List<String> wrappedVersions() {
    List<String> wrapped = new ArrayList<>();
    for (int version = 1; version <= 3; version++) {
      String content =
          server
              .get(mount + "/data/" + document + "?version=" + version)
              .at("/data/data/document")
              .stringValue();
      String text = new String(Base64.getDecoder().decode(content), UTF_8);
      wrapped.add(text.substring(text.indexOf("vault:v")));
    }
    return wrapped;
  }

  private static KeyMetadata firstKey(VaultInstance instance) {
    return instance.rotator().status().metadata().keys().get(0);
  }

  private static OpenDestruction open(VaultInstance instance) {
    return instance.rotator().status().openDestructions().get(firstKey(instance).id());
  }

  /** Not even the root token decrypts what was copied before. */
  private void assertGone(List<String> oldVersions) {
    assertThat(oldVersions).hasSize(3);
    for (String ciphertext : oldVersions) {
      HttpResponse<String> answer =
          server.exchange(
              server.rootToken(),
              "POST",
              transit + "/decrypt/latchkey.shop.orders",
              Map.of("ciphertext", ciphertext));
      assertThat(answer.statusCode()).isEqualTo(400);
      assertThat(answer.body()).contains("too old");
    }
    assertThat(
            server
                .exchange(
                    server.rootToken(),
                    "POST",
                    transitKey + "/config",
                    Map.of("min_decryption_version", 1))
                .statusCode())
        .isEqualTo(400);
    for (int version = 1; version <= 3; version++) {
      assertThat(
              server
                  .get(mount + "/metadata/" + document)
                  .at("/data/versions/%d/destroyed".formatted(version))
                  .booleanValue())
          .isTrue();
    }
  }

  private void assertReopens() {
    try (VaultInstance another = instance(server.rootToken())) {
      assertThat(firstKey(another).state()).isEqualTo(KeyState.DESTROYED);
    }
  }

  private String applicationPolicy() {
    return policies().application();
  }

  private Policies policies() {
    return new Policies(
        mount,
        "latchkey",
        transit,
        List.of(Policies.Keyset.own(VaultInstance.ORDERS, false, true)),
        List.of());
  }

  private VaultInstance instance(String token) {
    return instance(server.uri(), token, mount, transit);
  }

  private static VaultInstance instance(URI uri, String token, String kv, String keys) {
    return VaultInstance.of(VaultTestConnection.to(uri, token), kv, keys, AT_ONCE, null).opened();
  }
}
