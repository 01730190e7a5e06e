package dev.latchkey.rotation;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.crypto.tink.Aead;
import dev.latchkey.keyset.KeyMetadata;
import dev.latchkey.keyset.KeyState;
import dev.latchkey.keyset.KeysetId;
import dev.latchkey.keyset.KeysetRegistry;
import dev.latchkey.keyset.KeysetRepository;
import dev.latchkey.keyset.KeysetTemplate;
import dev.latchkey.keyset.PrimitiveFamily;
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
  private final Aead aead;

  TestInstance(KeysetRepository repository, RotationPolicy policy, Clock clock) {
    KeysetRegistry registry = new KeysetRegistry(Map.of("orders", PrimitiveFamily.AEAD));
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

  KeysetStatus status() {
    return rotator.status();
  }

  List<KeyMetadata> keys() {
    return status().snapshot().metadata().keys();
  }

  KeyMetadata key(long id) {
    return status().snapshot().metadata().find(id).orElseThrow();
  }

  long activeKey() {
    return status().snapshot().metadata().active().id();
  }

  List<KeyState> states() {
    return keys().stream().map(KeyMetadata::state).toList();
  }
}
