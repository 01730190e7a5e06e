package dev.latchkey.vault.internal.keyset;

import com.google.crypto.tink.Aead;
import dev.latchkey.key.KeysetId;
import dev.latchkey.key.KeysetTemplate;
import dev.latchkey.key.PrimitiveFamily;
import dev.latchkey.key.document.internal.KeysetRepository;
import dev.latchkey.key.live.internal.KeysetRegistry;
import dev.latchkey.key.rotation.KeyAction;
import dev.latchkey.key.rotation.RotationPolicy;
import dev.latchkey.key.rotation.internal.KeysetDefinition;
import dev.latchkey.key.rotation.internal.Rotator;
import dev.latchkey.vault.internal.client.VaultConnection;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** One instance of an application with one keyset, refreshed by the test. */
public final class VaultInstance implements AutoCloseable {

  public static final KeysetId ORDERS = new KeysetId("shop", "orders");

  /** Rotates only on request, and then at once. */
  public static final RotationPolicy BY_HAND =
      RotationPolicy.of("rotation.", null, Duration.ZERO, Duration.ZERO, false);

  private final VaultConnection connection;
  private final Rotator rotator;
  private final Aead aead;

  private VaultInstance(VaultConnection connection, Rotator rotator, Aead aead) {
    this.connection = connection;
    this.rotator = rotator;
    this.aead = aead;
  }

  /** Prepares an instance with its documents at {@code mount} and its keys at {@code transit}. */
  public static VaultInstance of(
      VaultConnection connection,
      String mount,
      String transit,
      RotationPolicy policy,
      @Nullable Duration maxStaleness) {
    KeysetRegistry registry = new KeysetRegistry(Map.of(ORDERS.name(), PrimitiveFamily.AEAD));
    VaultKeysetStore store = new VaultKeysetStore(connection, mount, "latchkey");
    Rotator rotator =
        new Rotator(
            new KeysetDefinition(
                ORDERS, KeysetTemplate.of("AES256_GCM"), policy, true, maxStaleness),
            new KeysetRepository(store, new TransitKeyEncryptionKeys(connection, transit))
                .erasedBy(new VaultErasure(connection, store, mount, transit)),
            registry,
            Clock.systemUTC(),
            event -> {});
    return new VaultInstance(connection, rotator, registry.primitive(ORDERS.name(), Aead.class));
  }

  public VaultInstance opened() {
    rotator.open();
    return this;
  }

  public Rotator rotator() {
    return rotator;
  }

  public Aead aead() {
    return aead;
  }

  public long generation() {
    return rotator.status().generation();
  }

  public long activeKey() {
    return rotator.status().metadata().active().id();
  }

  public void rotate() {
    rotator.perform(KeyAction.ROTATE, null, false);
  }

  public static void await(BooleanSupplier condition) {
    long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError("It did not happen in a minute");
      }
      LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
    }
  }

  @Override
  public void close() {
    connection.close();
  }
}
