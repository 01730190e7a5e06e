package dev.latchkey.vault.internal.keyset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latchkey.LatchkeyException;
import dev.latchkey.StoreUnavailableException;
import dev.latchkey.key.document.StoredDocument;
import dev.latchkey.key.rotation.KeyAction;
import dev.latchkey.key.rotation.KeysetStatus.Freshness;
import dev.latchkey.key.rotation.RotationPolicy;
import dev.latchkey.test.BaoCluster;
import dev.latchkey.test.BaoServer;
import dev.latchkey.test.internal.RecordingProxy;
import dev.latchkey.vault.internal.client.ReadProofs;
import dev.latchkey.vault.internal.client.VaultConnection;
import dev.latchkey.vault.internal.client.VaultTestConnection;
import dev.latchkey.vault.internal.policy.Policies;
import dev.latchkey.vault.internal.secret.VaultSecretSource;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Instances with standbys, replication lag and nodes that are cut off. */
final class VaultClusterIntegrationTests {

  private static final byte[] TEXT = {1, 2, 3};
  private static final byte[] NONE = {};

  private static BaoCluster cluster;

  private String mount = "";
  private String transit = "";

  @BeforeAll
  static void start() {
    cluster = BaoCluster.start();
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  @BeforeEach
  void mount() {
    mount = cluster.active().mountKv(2);
    transit = cluster.active().mountTransit();
    cluster.awaitReplication();
    cluster.nodes().forEach(node -> VaultInstance.await(() -> isMounted(node)));
  }

  private boolean isMounted(BaoServer node) {
    return node.exchange(node.rootToken(), "GET", mount + "/config", null).statusCode() == 200;
  }

  @AfterEach
  void heal() {
    cluster.nodes().forEach(BaoServer::resume);
    cluster.nodes().forEach(cluster::reconnect);
    cluster.awaitReplication();
  }

  @Test
  void provesAllReadsOfAnIntervalWithOneWriteToTheCubbyhole() {
    BaoServer standby = cluster.standbys().get(0);
    instance(cluster.active(), VaultInstance.BY_HAND).opened().close();
    try (RecordingProxy proxy = RecordingProxy.before(standby);
        VaultInstance instance =
            instance(
                    connection(proxy.uri(), standby.rootToken(), Duration.ofMinutes(10)),
                    VaultInstance.BY_HAND)
                .opened()) {
      int atStart = proxy.requests().size();
      for (int i = 0; i < 10; i++) {
        instance.rotator().refresh();
      }

      assertThat(proxy.requests()).filteredOn("POST /v1/cubbyhole/latchkey"::equals).hasSize(1);
      assertThat(proxy.requests().subList(atStart, proxy.requests().size()))
          .hasSize(10)
          .containsOnly("GET /v1/%s/data/latchkey/shop/orders".formatted(mount));
      assertThat(freshness(instance)).isEqualTo(Freshness.State.PROVEN);
    }
  }

  @Test
  void readsCurrentDataThroughAStandbyWithoutReplication() {
    BaoServer standby = cluster.standbys().get(0);
    try (VaultInstance elsewhere = instance(cluster.active(), VaultInstance.BY_HAND).opened();
        VaultInstance behind = instance(standby, VaultInstance.BY_HAND).opened()) {
      cluster.awaitReplication();
      cluster.cutOff(standby);
      elsewhere.rotate();
      assertThat(documentVersion(standby)).isEqualTo(behind.generation());

      VaultInstance.await(
          () -> {
            behind.rotator().refresh();
            return behind.activeKey() == elsewhere.activeKey();
          });
      assertThat(freshness(behind)).isEqualTo(Freshness.State.PROVEN);

      behind.rotate();
      behind.rotator().refresh();
      elsewhere.rotator().refresh();
      assertThat(behind.rotator().status().frozen()).isFalse();
      assertThat(behind.activeKey()).isEqualTo(elsewhere.activeKey());
    }
  }

  @Test
  void reportsNoRollbackWhenAStandbyLags() {
    BaoServer standby = cluster.standbys().get(0);
    try (VaultInstance instance =
        instance(
                connection(standby.uri(), standby.rootToken(), Duration.ofMinutes(10)),
                VaultInstance.BY_HAND)
            .opened()) {
      cluster.awaitReplication();
      instance.rotator().refresh();
      cluster.cutOff(standby);
      instance.rotate();
      long generation = instance.generation();

      instance.rotator().refresh();

      assertThat(documentVersion(standby)).isLessThan(generation);
      assertThat(instance.rotator().status().problem()).isNull();
      assertThat(instance.rotator().status().frozen()).isFalse();
      assertThat(freshness(instance)).isEqualTo(Freshness.State.PROVEN);
      assertThat(instance.generation()).isEqualTo(generation);
    }
  }

  @Test
  void createsAKeysetThroughAStandbyWithoutReplication() throws Exception {
    BaoServer standby = cluster.standbys().get(0);
    cluster.cutOff(standby);
    try (VaultInstance first = instance(standby, VaultInstance.BY_HAND).opened();
        VaultInstance second = instance(cluster.active(), VaultInstance.BY_HAND).opened()) {
      assertThat(second.aead().decrypt(first.aead().encrypt(TEXT, NONE), NONE)).isEqualTo(TEXT);
    }
  }

  @Test
  void isUnprovenAndPerformsNoStepWhileItsNodeIsCutOff() throws Exception {
    RotationPolicy alwaysDue =
        RotationPolicy.of("rotation.", Duration.ofMillis(1), Duration.ZERO, Duration.ZERO, false);
    BaoServer standby = cluster.standbys().get(0);
    List<BaoServer> others = cluster.nodes().stream().filter(node -> node != standby).toList();
    try (VaultInstance elsewhere = instance(cluster.active(), VaultInstance.BY_HAND).opened();
        VaultInstance behind = instance(standby, alwaysDue).opened()) {
      behind.rotator().refresh();
      cluster.awaitReplication();
      cluster.cutOff(standby);
      elsewhere.rotate();
      byte[] newer = elsewhere.aead().encrypt(TEXT, NONE);
      long old = behind.generation();
      Freshness before = behind.rotator().status().freshness();
      assertThat(elsewhere.generation()).isGreaterThan(old);
      others.forEach(BaoServer::pause);

      VaultInstance.await(
          () -> {
            behind.rotator().refresh();
            return freshness(behind) == Freshness.State.UNPROVEN;
          });
      assertThat(documentVersion(standby)).as("it still answers").isEqualTo(old);
      assertThat(behind.generation()).as("no step was taken on it").isEqualTo(old);
      assertThat(behind.rotator().status().next().blockedBy()).contains("not proved");
      assertThat(behind.rotator().status().freshness().lastProvedRead())
          .isEqualTo(before.lastProvedRead());
      assertThatThrownBy(() -> behind.rotator().perform(KeyAction.ROTATE, null, true))
          .isInstanceOf(StoreUnavailableException.class)
          .hasMessageContaining("not proved");
      assertThat(behind.aead().decrypt(behind.aead().encrypt(TEXT, NONE), NONE)).isEqualTo(TEXT);

      others.forEach(BaoServer::resume);
      cluster.reconnect(standby);
      VaultInstance.await(
          () -> {
            behind.rotator().refresh();
            return freshness(behind) == Freshness.State.PROVEN
                && behind.generation() > elsewhere.generation();
          });
      assertThat(behind.aead().decrypt(newer, NONE)).isEqualTo(TEXT);
    }
  }

  @Test
  void createsNothingWhenAbsenceIsUnproven() {
    BaoServer standby = cluster.standbys().get(0);
    VaultKeysetStore store =
        new VaultKeysetStore(
            connection(standby.uri(), tokenWithout(""), Duration.ofMillis(1)), mount, "latchkey");

    assertThatThrownBy(() -> store.load(VaultInstance.ORDERS))
        .isInstanceOf(StoreUnavailableException.class)
        .hasMessageContaining("the read may be stale");
    assertThatThrownBy(
            () ->
                new VaultSecretSource(
                        connection(standby.uri(), tokenWithout(""), Duration.ofMillis(1)))
                    .read(mount + "/orders-db", null))
        .isInstanceOf(LatchkeyException.class)
        .hasMessageContaining("the read may be stale");
  }

  @Test
  void needsEachCapabilityOnTheCubbyholeToProveReads() {
    BaoServer node = cluster.active();
    instance(node, VaultInstance.BY_HAND).opened().close();
    String all = ReadProofs.POLICY.toString();

    String token = tokenWithout(all);
    assertThat(proves(node, token)).isTrue();
    assertThat(proves(node, token)).as("again").isTrue();
    assertThat(proves(node, tokenWithout(""))).isFalse();
    assertThat(proves(node, tokenWithout(all.replace("\"create\", ", "")))).isFalse();
    String createOnly = tokenWithout(all.replace(", \"update\"", ""));
    assertThat(proves(node, createOnly)).isTrue();
    assertThat(proves(node, createOnly)).as("again, without update").isFalse();
  }

  /** With a single node, everything works without that line. */
  @Test
  void rotatesOnlyWhenThePolicyAllowsTheCubbyhole() {
    BaoServer standby = cluster.standbys().get(0);
    String policy =
        new Policies(
                mount,
                "latchkey",
                transit,
                List.of(Policies.Keyset.own(VaultInstance.ORDERS, false, true)),
                List.of())
            .application();
    assertThat(policy).contains(ReadProofs.POLICY.toString());
    String whole = tokenOf(policy);
    String without = tokenOf(policy.replace(ReadProofs.POLICY.toString(), ""));
    try (VaultInstance instance =
        instance(connection(standby.uri(), whole, Duration.ofMillis(200)), VaultInstance.BY_HAND)
            .opened()) {
      instance.rotate();
    }
    cluster.awaitReplication(); // an unproven read would not even open the keyset
    try (VaultInstance denied =
        instance(connection(standby.uri(), without, Duration.ofMillis(200)), VaultInstance.BY_HAND)
            .opened()) {
      assertThatThrownBy(denied::rotate)
          .isInstanceOf(StoreUnavailableException.class)
          .hasMessageContaining("not proved");
    }
  }

  private String tokenOf(String policy) {
    BaoServer active = cluster.active();
    String token = active.tokenWithoutDefault(active.policy(policy));
    cluster.awaitReplication();
    return token;
  }

  @Test
  void provesNothingWhenTheTokenHasNoCubbyhole() {
    BaoServer node = cluster.active();
    instance(node, VaultInstance.BY_HAND).opened().close();
    String batch =
        node.post(
                "auth/token/create",
                Map.of("policies", List.of(node.policy(readDocuments())), "type", "batch"))
            .at("/auth/client_token")
            .stringValue();

    assertThat(proves(node, batch)).isFalse();
  }

  @Test
  void readsAtOnceWithATokenFromAStandby() {
    BaoServer standby = cluster.standbys().get(0);
    instance(cluster.active(), VaultInstance.BY_HAND).opened().close();
    VaultTestConnection.AppRole role =
        VaultTestConnection.appRole(cluster.active(), readDocuments());
    cluster.awaitReplication();
    cluster.cutOff(standby);
    try (RecordingProxy proxy = RecordingProxy.before(standby)) {
      VaultConnection connection =
          VaultConnection.to(
              VaultTestConnection.settings(proxy.uri(), Duration.ofMinutes(10)), role);

      assertThat(new VaultKeysetStore(connection, mount, "latchkey").load(VaultInstance.ORDERS))
          .get()
          .matches(StoredDocument::proved);
      assertThat(proxy.requests()).filteredOn(it -> it.contains("login")).hasSize(1);
    }
  }

  private boolean proves(BaoServer node, String token) {
    try (VaultConnection connection = connection(node.uri(), token, Duration.ofMinutes(10))) {
      return new VaultKeysetStore(connection, mount, "latchkey")
          .load(VaultInstance.ORDERS)
          .orElseThrow()
          .proved();
    }
  }

  /** A token that may read documents and do what the line allows. */
  private String tokenWithout(String line) {
    return tokenOf(readDocuments() + line);
  }

  private String readDocuments() {
    return "path \"%s/*\" { capabilities = [\"read\"] }\n".formatted(mount);
  }

  private VaultInstance instance(BaoServer node, RotationPolicy policy) {
    return instance(connection(node.uri(), node.rootToken(), Duration.ofMillis(200)), policy);
  }

  private VaultInstance instance(VaultConnection connection, RotationPolicy policy) {
    return VaultInstance.of(connection, mount, transit, policy, Duration.ofHours(12));
  }

  private static VaultConnection connection(URI uri, String token, Duration proofInterval) {
    return VaultConnection.to(
        VaultTestConnection.settings(uri, proofInterval), VaultTestConnection.token(token));
  }

  private static Freshness.State freshness(VaultInstance instance) {
    return instance.rotator().status().freshness().state();
  }

  private long documentVersion(BaoServer node) {
    return node.get(mount + "/data/latchkey/shop/orders").at("/data/metadata/version").asLong();
  }
}
