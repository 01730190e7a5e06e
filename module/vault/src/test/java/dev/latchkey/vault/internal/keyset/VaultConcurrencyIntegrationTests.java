package dev.latchkey.vault.internal.keyset;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.key.KeyMetadata;
import dev.latchkey.key.KeyState;
import dev.latchkey.key.KeysetMetadata;
import dev.latchkey.key.rotation.RotationPolicy;
import dev.latchkey.key.rotation.RotationRefusedException;
import dev.latchkey.test.BaoServer;
import dev.latchkey.vault.internal.client.VaultTestConnection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A hundred instances, each with a connection of its own, that do the same at once. */
final class VaultConcurrencyIntegrationTests {

  private static final int COUNT = 100;
  private static final byte[] TEXT = {1, 2, 3};
  private static final byte[] NONE = {};

  private final BaoServer server = BaoServer.shared();
  private final String mount = server.mountKv(2);
  private final String transit = server.mountTransit();
  private final List<VaultInstance> instances = new ArrayList<>();

  @AfterEach
  void close() {
    instances.forEach(VaultInstance::close);
  }

  @Test
  void makesOneKeysetAndOneTransitKeyWhenAllStartForTheFirstTime() throws Exception {
    make(VaultInstance.BY_HAND);

    atOnce(VaultInstance::opened);

    byte[] ciphertext = instances.get(0).aead().encrypt(TEXT, NONE);
    for (VaultInstance instance : instances) {
      assertThat(instance.generation()).isEqualTo(1);
      assertThat(instance.aead().decrypt(ciphertext, NONE)).isEqualTo(TEXT);
    }
    assertThat(versions()).isEqualTo(1);
    assertThat(server.exchange(server.rootToken(), "LIST", transit + "/keys", null).body())
        .contains("\"keys\":[\"latchkey.shop.orders\"]");
    assertThat(
            server.get(transit + "/keys/latchkey.shop.orders").at("/data/latest_version").asInt())
        .isEqualTo(1);
  }

  @Test
  void rotatesOnceWhenAllAskForTheOneKeyThatIsReady() throws Exception {
    instance(VaultInstance.BY_HAND).opened().close();
    make(
        new RotationPolicy(
            null, Duration.ofHours(1), Duration.ofHours(1), false, null, null, null));
    atOnce(VaultInstance::opened);

    atOnce(
        instance -> {
          try {
            instance.rotate();
          } catch (RotationRefusedException ex) {
            assertThat(ex).hasMessageContaining("published"); // it came after the rotation
          }
        });

    assertThat(versions()).isEqualTo(2);
    assertThat(newest().keys()).hasSize(3);
  }

  @Test
  void makesOneNewKeyPerRotationWhenAllRotateAgainAndAgain() throws Exception {
    make(VaultInstance.BY_HAND);
    atOnce(VaultInstance::opened);

    atOnce(VaultInstance::rotate);

    KeysetMetadata newest = newest();
    assertThat(versions()).isGreaterThan(1);
    assertThat(newest.keys()).hasSize((int) versions() + 1);
    assertThat(newest.keys()).extracting(KeyMetadata::id).doesNotHaveDuplicates();
    assertThat(newest.keys()).extracting(KeyMetadata::state).containsOnlyOnce(KeyState.ACTIVE);
    assertThat(newest.keys()).extracting(KeyMetadata::state).containsOnlyOnce(KeyState.PENDING);
  }

  private void make(RotationPolicy policy) {
    IntStream.range(0, COUNT).forEach(i -> instances.add(instance(policy)));
  }

  private VaultInstance instance(RotationPolicy policy) {
    return VaultInstance.of(VaultTestConnection.root(server), mount, transit, policy, null);
  }

  private void atOnce(Consumer<VaultInstance> action) throws Exception {
    ExecutorService executor = Executors.newFixedThreadPool(COUNT);
    CyclicBarrier start = new CyclicBarrier(COUNT);
    try {
      List<Future<?>> calls = new ArrayList<>();
      for (VaultInstance instance : instances) {
        calls.add(
            executor.submit(
                () -> {
                  start.await();
                  action.accept(instance);
                  return null;
                }));
      }
      for (Future<?> call : calls) {
        call.get();
      }
    } finally {
      executor.shutdownNow();
    }
  }

  private long versions() {
    return server
        .get(mount + "/metadata/latchkey/shop/orders")
        .at("/data/current_version")
        .asLong();
  }

  private KeysetMetadata newest() {
    try (VaultInstance instance = instance(VaultInstance.BY_HAND).opened()) {
      return instance.rotator().status().metadata();
    }
  }
}
