package dev.latchkey.key.rotation.internal;

import static dev.latchkey.key.KeyState.ACTIVE;
import static dev.latchkey.key.KeyState.COMPROMISED;
import static dev.latchkey.key.KeyState.DESTROY_SCHEDULED;
import static dev.latchkey.key.KeyState.DISABLED;
import static dev.latchkey.key.KeyState.PENDING;
import static dev.latchkey.key.KeyState.RETIRED;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.google.crypto.tink.Aead;
import com.google.crypto.tink.Mac;
import dev.latchkey.key.KeyMetadata;
import dev.latchkey.key.KeyState;
import dev.latchkey.key.KeysetId;
import dev.latchkey.key.KeysetTemplate;
import dev.latchkey.key.document.internal.KeysetRepository;
import dev.latchkey.key.live.internal.KeysetRegistry;
import dev.latchkey.key.rotation.KeyAction;
import dev.latchkey.key.rotation.RotationEvent;
import dev.latchkey.key.rotation.RotationPolicy;
import dev.latchkey.key.rotation.RotationRefusedException;
import dev.latchkey.memory.internal.MemoryKeyEncryptionKeys;
import dev.latchkey.memory.internal.MemoryKeysetStore;
import dev.latchkey.test.MutableClock;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class KeyActionTests {

  private static final KeysetId ORDERS = new KeysetId("shop", "orders");

  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
  private static final Duration DAY = Duration.ofDays(1);
  private static final Duration EMERGENCY = Duration.ofMinutes(12);
  private static final byte[] TEXT = "text".getBytes(UTF_8);
  private static final byte[] NONE = new byte[0];

  private final MutableClock clock = new MutableClock(START);
  private final KeysetRepository repository =
      new KeysetRepository(new MemoryKeysetStore(clock), new MemoryKeyEncryptionKeys());

  @Test
  void disabledKeyDoesNothingUntilItIsEnabled() throws GeneralSecurityException {
    Instance orders = rotated("AES256_GCM", false);
    Aead aead = orders.registry.primitive("orders", Aead.class);
    long old = orders.id(0);

    orders.perform(KeyAction.DISABLE, old);
    assertThat(orders.states()).containsExactly(DISABLED, ACTIVE, PENDING);
    assertThatExceptionOfType(GeneralSecurityException.class)
        .isThrownBy(() -> aead.decrypt(orders.protectedByFirst, NONE));

    orders.perform(KeyAction.ENABLE, old);
    assertThat(orders.states()).containsExactly(RETIRED, ACTIVE, PENDING);
    assertThat(aead.decrypt(orders.protectedByFirst, NONE)).isEqualTo(TEXT);
  }

  @Test
  void refusesWhatWouldLoseDataOrTheKeyInUseEvenByForce() {
    Instance orders = rotated("AES256_GCM", false);
    assertRefused(orders, KeyAction.DISABLE, orders.id(1), "key %d is ACTIVE", "rotate first");
    assertRefused(
        orders, KeyAction.SCHEDULE_DESTROY, orders.id(1), "key %d is ACTIVE", "rotate first");
    assertRefused(orders, KeyAction.DISABLE, orders.id(2), "key %d is PENDING", "It is the spare");
    assertRefused(
        orders, KeyAction.ENABLE, orders.id(0), "key %d is RETIRED", "a key that is DISABLED");
    assertRefused(
        orders,
        KeyAction.CANCEL_DESTROY,
        orders.id(0),
        "key %d is RETIRED",
        "a key that is DESTROY_SCHEDULED");
    assertRefused(orders, KeyAction.DISABLE, 7L, "there is no key %d", "Its keys: ");
    assertThat(orders.states()).containsExactly(RETIRED, ACTIVE, PENDING);
  }

  @Test
  void restoresTheStateOfAScheduledKeyWhenCanceled() throws GeneralSecurityException {
    Instance orders = rotated("AES256_GCM", false);
    Aead aead = orders.registry.primitive("orders", Aead.class);
    long old = orders.id(0);

    orders.perform(KeyAction.SCHEDULE_DESTROY, old);
    assertThat(orders.states()).containsExactly(DESTROY_SCHEDULED, ACTIVE, PENDING);
    assertThatExceptionOfType(GeneralSecurityException.class)
        .isThrownBy(() -> aead.decrypt(orders.protectedByFirst, NONE));
    orders.perform(KeyAction.CANCEL_DESTROY, old);
    assertThat(orders.states()).containsExactly(RETIRED, ACTIVE, PENDING);
    assertThat(aead.decrypt(orders.protectedByFirst, NONE)).isEqualTo(TEXT);

    orders.rotator.refresh();
    clock.advance(DAY);
    orders.perform(KeyAction.DISABLE, old);
    orders.perform(KeyAction.SCHEDULE_DESTROY, old);
    orders.perform(KeyAction.CANCEL_DESTROY, old);
    assertThat(orders.states()).containsExactly(DISABLED, ACTIVE, PENDING);

    orders.perform(KeyAction.COMPROMISE, old);
    orders.perform(KeyAction.SCHEDULE_DESTROY, old);
    orders.perform(KeyAction.CANCEL_DESTROY, old);
    assertThat(orders.states()).containsExactly(COMPROMISED, ACTIVE, PENDING);
  }

  @Test
  void refusesToEndAKeyThatWasUsedWithinTheLastHour() throws GeneralSecurityException {
    Instance orders = rotated("AES256_GCM", false);
    long old = orders.id(0);
    orders.registry.primitive("orders", Aead.class).decrypt(orders.protectedByFirst, NONE);
    orders.rotator.refresh();
    Instant used = clock.instant();
    clock.advance(Duration.ofMinutes(59));

    for (KeyAction action : List.of(KeyAction.DISABLE, KeyAction.SCHEDULE_DESTROY)) {
      assertThatExceptionOfType(RotationRefusedException.class)
          .isThrownBy(() -> orders.perform(action, old))
          .withMessageContaining(
              "this instance has decrypted or verified 1 times with key %d, the last time at about %s"
                  .formatted(old, used))
          .satisfies(refusal -> assertThat(refusal.action()).contains("\"force\": true"));
    }
    assertThat(orders.rotator.perform(KeyAction.DISABLE, old, true))
        .as("the risk that was taken")
        .hasValueSatisfying(risk -> assertThat(risk).contains("decrypted or verified 1 times"));
    orders.perform(KeyAction.ENABLE, old);

    clock.advance(Duration.ofMinutes(2));
    orders.perform(KeyAction.DISABLE, old);
    assertThat(orders.states()).containsExactly(DISABLED, ACTIVE, PENDING);
  }

  @Test
  void disabledKeyStaysDisabledWhateverTheClocksOfTheStoreShowed() {
    Instance orders = rotated("AES256_GCM", false);
    long old = orders.id(0);
    orders.perform(KeyAction.DISABLE, old);
    assertThat(orders.keys().get(0).times().get(DISABLED))
        .isEqualTo(orders.keys().get(0).times().get(RETIRED));
    orders.perform(KeyAction.SCHEDULE_DESTROY, old);
    orders.perform(KeyAction.CANCEL_DESTROY, old);
    assertThat(orders.states()).containsExactly(DISABLED, ACTIVE, PENDING);

    orders.perform(KeyAction.ENABLE, old);
    orders.perform(KeyAction.SCHEDULE_DESTROY, old);
    orders.perform(KeyAction.CANCEL_DESTROY, old);
    assertThat(orders.states()).containsExactly(RETIRED, ACTIVE, PENDING);
  }

  @Test
  void compromiseMarksEveryKeyAndReplacesThemAfterTheEmergencyPropagation()
      throws GeneralSecurityException {
    Instance orders = rotated("AES256_GCM", false);
    Aead aead = orders.registry.primitive("orders", Aead.class);
    clock.advance(Duration.ofHours(1));
    Instant known = clock.instant();

    assertThat(orders.rotator.perform(KeyAction.COMPROMISE, null, false)).isEmpty();
    assertThat(orders.states()).containsExactly(COMPROMISED, ACTIVE, COMPROMISED, PENDING);
    assertThat(orders.keys().get(1).compromised()).isTrue();
    assertThat(orders.keys().get(3).compromised()).isFalse();
    assertThat(orders.events)
        .filteredOn(event -> event instanceof RotationEvent.KeyCompromised)
        .containsExactly(
            new RotationEvent.KeyCompromised(ORDERS, orders.id(0), false),
            new RotationEvent.KeyCompromised(ORDERS, orders.id(1), true),
            new RotationEvent.KeyCompromised(ORDERS, orders.id(2), false));
    assertThat(orders.rotator.status().next().at()).isEqualTo(known.plus(EMERGENCY));

    clock.advance(EMERGENCY.minusSeconds(1));
    orders.rotator.refresh();
    assertThat(orders.states()).containsExactly(COMPROMISED, ACTIVE, COMPROMISED, PENDING);

    clock.advance(Duration.ofSeconds(1));
    orders.rotator.refresh();
    assertThat(orders.states())
        .containsExactly(COMPROMISED, COMPROMISED, COMPROMISED, ACTIVE, PENDING);
    assertThat(orders.keys().get(1).times().get(COMPROMISED)).isEqualTo(known);
    assertThat(aead.decrypt(orders.protectedByFirst, NONE)).isEqualTo(TEXT);
  }

  @Test
  void rejectsACompromisedEncryptionKeyWhenConfigured() {
    Instance orders = rotated("AES256_GCM", true);
    Aead aead = orders.registry.primitive("orders", Aead.class);
    orders.perform(KeyAction.COMPROMISE, orders.id(0));
    assertThat(orders.states()).containsExactly(COMPROMISED, ACTIVE, PENDING);
    assertThatExceptionOfType(GeneralSecurityException.class)
        .isThrownBy(() -> aead.decrypt(orders.protectedByFirst, NONE));
  }

  @Test
  void compromisedAuthenticationKeyIsRejected() throws GeneralSecurityException {
    KeysetTemplate template = KeysetTemplate.of("HMAC_SHA256_128BITTAG");
    Instance orders = new Instance(template, RotationPolicy.rejectsCompromised(template));
    orders.rotator.open();
    Mac mac = orders.registry.primitive("orders", Mac.class);
    byte[] tag = mac.computeMac(TEXT);
    clock.advance(DAY);
    orders.perform(KeyAction.ROTATE, null);
    mac.verifyMac(tag, TEXT);

    orders.perform(KeyAction.COMPROMISE, orders.id(0));

    assertThatExceptionOfType(GeneralSecurityException.class)
        .isThrownBy(() -> mac.verifyMac(tag, TEXT));
  }

  @Test
  void forcedCompromiseReplacesTheKeyAtOnceAndNamesTheRisk() {
    Instance orders = rotated("AES256_GCM", false);
    assertThat(orders.rotator.perform(KeyAction.COMPROMISE, null, true))
        .contains("Keyset orders: the new key was promoted before every instance knows it");
    assertThat(orders.states())
        .containsExactly(COMPROMISED, COMPROMISED, COMPROMISED, ACTIVE, PENDING);
  }

  @Test
  void rejectsARetiredKeyWhenDecryptForIsOver() throws GeneralSecurityException {
    KeysetTemplate template = KeysetTemplate.of("AES256_GCM");
    Instance orders =
        new Instance(
            template,
            RotationPolicy.of("rotation.", Duration.ofDays(90), DAY, EMERGENCY, false)
                .withEnd("rotation.", Duration.ofDays(30), null));
    orders.rotator.open();
    Aead aead = orders.registry.primitive("orders", Aead.class);
    byte[] old = aead.encrypt(TEXT, NONE);
    clock.advance(DAY);
    orders.perform(KeyAction.ROTATE, null);
    clock.advance(Duration.ofDays(30).minusSeconds(1));
    orders.rotator.refresh();
    assertThat(aead.decrypt(old, NONE)).isEqualTo(TEXT);

    clock.advance(Duration.ofSeconds(1));
    orders.rotator.refresh();

    assertThat(orders.states()).containsExactly(DISABLED, ACTIVE, PENDING);
    assertThatExceptionOfType(GeneralSecurityException.class)
        .isThrownBy(() -> aead.decrypt(old, NONE));
  }

  @Test
  void compromiseOfWhatIsMarkedAlreadyIsRefused() {
    Instance orders = rotated("AES256_GCM", false);
    orders.perform(KeyAction.COMPROMISE, orders.id(0));
    assertThatExceptionOfType(RotationRefusedException.class)
        .isThrownBy(() -> orders.perform(KeyAction.COMPROMISE, orders.id(0)))
        .withMessage("Keyset orders: all named keys are already marked as compromised");
  }

  private static void assertRefused(
      Instance instance, KeyAction action, long key, String message, String advice) {
    for (boolean force : new boolean[] {false, true}) {
      assertThatExceptionOfType(RotationRefusedException.class)
          .isThrownBy(() -> instance.rotator.perform(action, key, force))
          .withMessage("Keyset orders: " + message, key)
          .satisfies(ex -> assertThat(ex.action()).contains(advice));
    }
  }

  /** An instance that has rotated once. */
  private Instance rotated(String template, boolean rejectCompromised) {
    Instance instance = new Instance(KeysetTemplate.of(template), rejectCompromised);
    instance.rotator.open();
    try {
      instance.protectedByFirst =
          instance.registry.primitive("orders", Aead.class).encrypt(TEXT, NONE);
    } catch (GeneralSecurityException ex) {
      throw new IllegalStateException(ex);
    }
    clock.advance(DAY);
    instance.perform(KeyAction.ROTATE, null);
    return instance;
  }

  private final class Instance {

    private final KeysetRegistry registry;
    private final Rotator rotator;
    private final List<RotationEvent> events = new ArrayList<>();
    private byte[] protectedByFirst = NONE;

    private Instance(KeysetTemplate template, boolean rejectCompromised) {
      this(
          template,
          RotationPolicy.of("rotation.", Duration.ofDays(90), DAY, EMERGENCY, rejectCompromised));
    }

    private Instance(KeysetTemplate template, RotationPolicy policy) {
      registry = new KeysetRegistry(Map.of("orders", template.family()));
      rotator =
          new Rotator(
              new KeysetDefinition(ORDERS, template, policy, true, null),
              repository,
              registry,
              clock,
              events::add);
    }

    private Optional<String> perform(KeyAction action, @Nullable Long key) {
      return rotator.perform(action, key, false);
    }

    private List<KeyMetadata> keys() {
      return registry.snapshot("orders").metadata().keys();
    }

    private long id(int index) {
      return keys().get(index).id();
    }

    private List<KeyState> states() {
      return keys().stream().map(KeyMetadata::state).toList();
    }
  }
}
