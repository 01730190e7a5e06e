package dev.latchkey.vault.internal.keyset;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.latchkey.key.KeyMetadata;
import dev.latchkey.key.KeyState;
import dev.latchkey.key.rotation.KeyAction;
import dev.latchkey.key.rotation.RotationPolicy;
import dev.latchkey.key.rotation.RotationRefusedException;
import dev.latchkey.test.BaoCluster;
import dev.latchkey.test.BaoServer;
import dev.latchkey.vault.internal.client.VaultTestConnection;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

/** Restores a server from a snapshot while instances use its keys, then the keys from them. */
final class VaultRestoreIntegrationTests {

  private static final byte[] TEXT = "text".getBytes(UTF_8);

  /** Scheduled keys are destroyed without a delay. */
  private static final RotationPolicy AT_ONCE =
      new RotationPolicy(null, Duration.ZERO, Duration.ZERO, false, null, null, Duration.ZERO);

  @Test
  void losesNoCiphertextAndRevivesNoKeyAfterARestoreFromBackup() throws Exception {
    try (BaoCluster cluster = BaoCluster.ofOne()) {
      BaoServer server = cluster.active();
      server.post("sys/mounts/transit", Map.of("type", "transit"));
      String token = server.token(server.policy(policy()));
      try (VaultInstance first = instance(server, token);
          VaultInstance second = instance(server, token)) {
        Load load = new Load(List.of(first, second));
        Thread users = new Thread(load, "users");
        users.start();
        rotate(first, second, load);
        long destroyed = key(first, 0).id();
        rotate(first, second, load);
        long compromised = key(first, 1).id();
        byte[] snapshot = cluster.snapshot();
        long generation = first.generation();

        for (int i = 0; i < 4; i++) {
          rotate(first, second, load);
        }
        server.post("transit/keys/latchkey.shop.orders/rotate", Map.of());
        first.rotator().perform(KeyAction.COMPROMISE, compromised, false);
        load.gives(destroyed);
        first.rotator().perform(KeyAction.SCHEDULE_DESTROY, destroyed, true);
        destroy(server, destroyed);
        rotate(first, second, load);
        assertThat(find(first, destroyed).destruction().receipt()).isNotNull();

        cluster.restore(snapshot);
        VaultInstance.await(() -> frozen(first));
        VaultInstance.await(() -> frozen(second));
        assertThat(first.rotator().status().problem()).contains("DO NOT RESTART");
        assertThat(first.rotator().perform(KeyAction.RESTORE, null, false))
            .hasValueSatisfying(
                note -> assertThat(note).contains("key " + destroyed + " was destroyed"));
        VaultInstance.await(() -> !frozen(second));
        load.stop();
        users.join();

        assertThat(load.failures).isEmpty();
        assertThat(load.made).hasSizeGreaterThan(100);
        try (VaultInstance restarted = instance(server, token)) {
          for (VaultInstance each : List.of(first, second, restarted)) {
            assertThat(each.generation()).isEqualTo(generation + 1);
            assertThat(load.made).allMatch(made -> load.isOpenedBy(each, made));
            assertThat(find(each, destroyed).state()).isEqualTo(KeyState.DESTROYED);
            assertThat(find(each, destroyed).destruction().receipt()).isNull();
            assertThat(find(each, compromised).state()).isEqualTo(KeyState.COMPROMISED);
          }
          assertThatExceptionOfType(RotationRefusedException.class)
              .isThrownBy(() -> restarted.rotator().perform(KeyAction.RESTORE, null, false))
              .withMessageContaining("nothing in memory is newer");

          destroy(server, destroyed);
          restarted.rotator().refresh();
          assertThat(find(restarted, destroyed).destruction().receipt().evidence())
              .anyMatch(line -> line.contains("read back as destroyed"));
          restarted.rotate();
          assertThat(load.made).allMatch(made -> load.isOpenedBy(restarted, made));
        }
      }
    }
  }

  private static boolean frozen(VaultInstance instance) {
    instance.rotator().refresh();
    return instance.rotator().status().frozen();
  }

  /** Every instance has the next key before it is used. */
  private static void rotate(VaultInstance first, VaultInstance second, Load load) {
    second.rotator().refresh();
    first.rotate();
    second.rotator().refresh();
    int made = load.made.size();
    VaultInstance.await(() -> load.made.size() > made + 20);
  }

  /** Uses the operator's policy. */
  private static void destroy(BaoServer server, long key) {
    try (VaultInstance operator = instance(server, server.rootToken())) {
      operator.rotator().perform(KeyAction.DESTROY, key, false);
    }
  }

  private static KeyMetadata key(VaultInstance instance, int index) {
    return instance.rotator().status().metadata().keys().get(index);
  }

  private static KeyMetadata find(VaultInstance instance, long key) {
    return instance.rotator().status().metadata().find(key).orElseThrow();
  }

  /** The application's policy, which suffices for a restore. */
  private static String policy() {
    return """
    path "cubbyhole/latchkey" { capabilities = ["create", "update"] }
    path "secret/data/latchkey/shop/orders" { capabilities = ["create", "read", "update"] }
    path "transit/encrypt/latchkey.shop.orders" { capabilities = ["update"] }
    path "transit/decrypt/latchkey.shop.orders" { capabilities = ["update"] }
    path "transit/keys/latchkey.shop.orders" { capabilities = ["update"] }
    """;
  }

  private static VaultInstance instance(BaoServer server, String token) {
    return VaultInstance.of(
            VaultTestConnection.to(server.uri(), token), "secret", "transit", AT_ONCE, null)
        .opened();
  }

  /** Uses all instances: another one decrypts what one encrypts. */
  private static final class Load implements Runnable {

    private final List<VaultInstance> instances;
    private final ConcurrentLinkedQueue<byte[]> made = new ConcurrentLinkedQueue<>();
    private final ConcurrentLinkedQueue<Exception> failures = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean stopped = new AtomicBoolean();

    private Load(List<VaultInstance> instances) {
      this.instances = instances;
    }

    void stop() {
      stopped.set(true);
    }

    /** Discards ciphertexts of a key that is about to be destroyed. */
    void gives(long key) {
      made.removeIf(ciphertext -> keyId(ciphertext) == key);
    }

    private static long keyId(byte[] ciphertext) {
      return Integer.toUnsignedLong(ByteBuffer.wrap(ciphertext, 1, 4).getInt());
    }

    @Override
    public void run() {
      while (!stopped.get()) {
        for (VaultInstance one : instances) {
          try {
            byte[] ciphertext = one.aead().encrypt(TEXT, TEXT);
            made.add(ciphertext);
            for (VaultInstance other : instances) {
              other.aead().decrypt(ciphertext, TEXT);
            }
            LockSupport.parkNanos(Duration.ofMillis(1).toNanos());
          } catch (GeneralSecurityException ex) {
            failures.add(ex);
          }
        }
      }
    }

    boolean isOpenedBy(VaultInstance instance, byte[] ciphertext) {
      try {
        instance.aead().decrypt(ciphertext, TEXT);
        return true;
      } catch (GeneralSecurityException ex) {
        return false;
      }
    }
  }
}
