package dev.latchkey.key.live.internal;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.crypto.tink.Aead;
import com.google.crypto.tink.RegistryConfiguration;
import com.sun.management.ThreadMXBean;
import dev.latchkey.key.KeyUsage;
import dev.latchkey.key.KeysetId;
import dev.latchkey.key.KeysetTemplate;
import dev.latchkey.key.PrimitiveFamily;
import dev.latchkey.key.internal.KeysetEditor;
import dev.latchkey.key.internal.KeysetSnapshot;
import java.lang.management.ManagementFactory;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What it costs to count the uses of keys: nothing that has to be collected. */
class CountingTests {

  private static final int CALLS = 20_000;

  private final KeysetSnapshot snapshot = snapshot();
  private final KeysetRegistry registry =
      new KeysetRegistry(Map.of("orders", PrimitiveFamily.AEAD));

  @Test
  void allocatesNothingBesideWhatTinkDoes() throws GeneralSecurityException {
    registry.publish("orders", snapshot);
    Aead injected = registry.primitive("orders", Aead.class);
    Aead tink = snapshot.handle().getPrimitive(RegistryConfiguration.get(), Aead.class);
    byte[] ciphertext = tink.encrypt(new byte[16], new byte[0]);
    Call[] calls = {
      () -> tink.encrypt(new byte[16], new byte[0]),
      () -> injected.encrypt(new byte[16], new byte[0]),
      () -> tink.decrypt(ciphertext, new byte[0]),
      () -> injected.decrypt(ciphertext, new byte[0])
    };
    double[] bytes = new double[calls.length];
    for (int round = 0; round < 3; round++) { // the last one counts: all is compiled then
      for (int i = 0; i < calls.length; i++) {
        bytes[i] = bytesPerCall(calls[i]);
      }
    }

    assertThat(bytes[1]).as("encrypt").isLessThan(bytes[0] + 8);
    assertThat(bytes[3]).as("decrypt").isLessThan(bytes[2] + 8);
    KeyUsage count = registry.usage("orders").usage().get(snapshot.metadata().active().id());
    assertThat(count.protectedCount()).isEqualTo(3 * CALLS);
    assertThat(count.processedCount()).isEqualTo(3 * CALLS);
  }

  private static double bytesPerCall(Call call) throws GeneralSecurityException {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long id = Thread.currentThread().getId();
    long before = threads.getThreadAllocatedBytes(id);
    for (int i = 0; i < CALLS; i++) {
      call.make();
    }
    return (threads.getThreadAllocatedBytes(id) - before) / (double) CALLS;
  }

  private static KeysetSnapshot snapshot() {
    KeysetEditor editor =
        KeysetEditor.create(
            new KeysetId("shop", "orders"), KeysetTemplate.of("AES256_GCM"), Duration.ZERO);
    return KeysetSnapshot.of(editor.draft(false), 1, Instant.EPOCH);
  }

  private interface Call {
    byte[] make() throws GeneralSecurityException;
  }
}
