package dev.latchkey.key.rotation.internal;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.crypto.tink.Aead;
import dev.latchkey.key.KeyMetadata;
import dev.latchkey.key.KeyState;
import dev.latchkey.key.KeysetId;
import dev.latchkey.key.KeysetTemplate;
import dev.latchkey.key.PrimitiveFamily;
import dev.latchkey.key.document.internal.KeysetRepository;
import dev.latchkey.key.internal.KeysetSnapshot;
import dev.latchkey.key.live.internal.KeysetRegistry;
import dev.latchkey.key.rotation.KeyAction;
import dev.latchkey.key.rotation.KeysetStatus;
import dev.latchkey.key.rotation.RotationEvent;
import dev.latchkey.key.rotation.RotationPolicy;
import java.security.GeneralSecurityException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One instance of an application with one keyset, refreshed by the test. */
final class TestInstance {

  static final KeysetId ORDERS = new KeysetId("shop", "orders");
  private static final byte[] TEXT = "text".getBytes(UTF_8);

  final List<RotationEvent> events = new ArrayList<>();
  final Rotator rotator;
  private final KeysetRegistry registry;
  private final Aead aead;

  TestInstance(KeysetRepository repository, RotationPolicy policy, Clock clock) {
    this.registry = new KeysetRegistry(Map.of("orders", PrimitiveFamily.AEAD));
    this.aead = registry.primitive("orders", Aead.class);
    this.rotator =
        new Rotator(
            new KeysetDefinition(ORDERS, KeysetTemplate.of("AES256_GCM"), policy, true, null),
            repository,
            registry,
            clock,
            events::add);
    rotator.open();
  }

  Optional<String> perform(KeyAction action, @Nullable Long key) {
    return rotator.perform(action, key, false, "alice");
  }

  byte[] encrypt() {
    try {
      return aead.encrypt(TEXT, TEXT);
    } catch (GeneralSecurityException ex) {
      throw new AssertionError(ex);
    }
  }

  boolean opens(byte[] ciphertext) {
    try {
      return new String(aead.decrypt(ciphertext, TEXT), UTF_8).equals("text");
    } catch (GeneralSecurityException ex) {
      return false;
    }
  }

  KeysetSnapshot snapshot() {
    return registry.snapshot("orders");
  }

  KeysetStatus status() {
    return rotator.status();
  }

  List<KeyMetadata> keys() {
    return status().metadata().keys();
  }

  KeyMetadata key(long id) {
    return status().metadata().find(id).orElseThrow();
  }

  long activeKey() {
    return status().metadata().active().id();
  }

  List<KeyState> states() {
    return keys().stream().map(KeyMetadata::state).toList();
  }
}
