package dev.latchkey.reencryption;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.google.crypto.tink.Aead;
import dev.latchkey.key.KeyMetadata;
import dev.latchkey.key.KeyState;
import dev.latchkey.key.KeysetTemplate;
import dev.latchkey.key.document.KeysetErasure;
import dev.latchkey.key.document.internal.KeysetRepository;
import dev.latchkey.key.live.internal.KeysetRegistry;
import dev.latchkey.key.rotation.KeyAction;
import dev.latchkey.key.rotation.RotationPolicy;
import dev.latchkey.key.rotation.RotationRefusedException;
import dev.latchkey.key.rotation.internal.KeysetDefinition;
import dev.latchkey.key.rotation.internal.Rotator;
import dev.latchkey.memory.internal.MemoryKeyEncryptionKeys;
import dev.latchkey.memory.internal.MemoryKeysetStore;
import dev.latchkey.test.MutableClock;
import dev.latchkey.test.internal.RotatingKeyset;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A key is destroyed only after the last ciphertext under it was renewed. */
class LastRowTests {

  private static final Duration WEEK = Duration.ofDays(7);
  private static final byte[] NO_DATA = {};

  private final MutableClock clock = new MutableClock(Instant.parse("2026-01-01T00:00:00Z"));
  private final KeysetTemplate template = KeysetTemplate.of("AES256_GCM");
  private final KeysetRegistry registry = new KeysetRegistry(Map.of("orders", template.family()));

  private final Rotator rotator =
      new Rotator(
          new KeysetDefinition(
              RotatingKeyset.ID,
              template,
              RotationPolicy.of("rotation.", null, Duration.ZERO, Duration.ZERO, false),
              true,
              null),
          new KeysetRepository(new MemoryKeysetStore(clock), new MemoryKeyEncryptionKeys())
              .erasedBy(KeysetErasure.nothingLeft()),
          registry,
          clock,
          event -> {});

  private final Shelf shelf = new Shelf();

  @Test
  void keepsAKeyWhenACiphertextStillNeedsIt() throws Exception {
    rotator.open();
    Aead aead = registry.primitive("orders", Aead.class);
    Reencryption<Integer> jars =
        Reencryption.of(registry.reencryptor("orders"), shelf.ciphertexts());
    rotator.addReferences(jars);
    shelf.contents.put(1, aead.encrypt(new byte[] {1}, NO_DATA));
    long old = rotator.status().metadata().active().id();
    rotator.perform(KeyAction.ROTATE, null, false);
    rotator.perform(KeyAction.SCHEDULE_DESTROY, old, true);
    clock.advance(WEEK);

    assertThatExceptionOfType(RotationRefusedException.class)
        .isThrownBy(() -> rotator.perform(KeyAction.DESTROY, old, true))
        .withMessage("Keyset orders: 1 jars on the shelf are still encrypted with key " + old);
    assertThat(jars.run().failed()).as("a scheduled key does nothing any more").isEqualTo(1);
    rotator.perform(KeyAction.CANCEL_DESTROY, old, false);
    assertThat(jars.run().reencrypted()).isEqualTo(1);

    rotator.perform(KeyAction.SCHEDULE_DESTROY, old, false);
    clock.advance(WEEK);
    rotator.perform(KeyAction.DESTROY, old, false);

    KeyMetadata key = rotator.status().metadata().find(old).orElseThrow();
    assertThat(key.state()).isEqualTo(KeyState.DESTROYED);
    assertThat(key.destruction().receipt()).isNotNull();
    assertThat(aead.decrypt(shelf.contents.get(1), NO_DATA)).containsExactly(1);
  }
}
