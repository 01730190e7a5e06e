package dev.latchkey.key.rotation.internal;

import static dev.latchkey.key.KeyState.ACTIVE;
import static dev.latchkey.key.KeyState.COMPROMISED;
import static dev.latchkey.key.KeyState.DESTROYED;
import static dev.latchkey.key.KeyState.PENDING;
import static dev.latchkey.key.rotation.internal.TestInstance.ORDERS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.google.crypto.tink.Aead;
import dev.latchkey.StoreUnavailableException;
import dev.latchkey.WriteConflictException;
import dev.latchkey.key.KeyMetadata;
import dev.latchkey.key.KeysetId;
import dev.latchkey.key.document.KeyEncryptionKeys;
import dev.latchkey.key.document.KeysetStore;
import dev.latchkey.key.document.StoredDocument;
import dev.latchkey.key.document.internal.KeysetRepository;
import dev.latchkey.key.rotation.KeyAction;
import dev.latchkey.key.rotation.KeyReferences;
import dev.latchkey.key.rotation.RotationEvent.KeysetRestored;
import dev.latchkey.key.rotation.RotationPolicy;
import dev.latchkey.key.rotation.RotationRefusedException;
import dev.latchkey.memory.internal.MemoryKeyEncryptionKeys;
import dev.latchkey.test.MutableClock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RestoreTests {

  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
  private static final Duration DAY = Duration.ofDays(1);
  private static final Duration WEEK = Duration.ofDays(7);
  private static final RotationPolicy DAILY =
      RotationPolicy.of("rotation.", null, DAY, Duration.ZERO, false);

  private final MutableClock clock = new MutableClock(START);
  private final Server server = new Server();
  private final KeysetRepository repository = new KeysetRepository(server, server);

  @Test
  void writesBackEveryKeyAndTheOthersFollow() {
    TestInstance instance = instance();
    TestInstance other = instance();
    List<byte[]> made = new ArrayList<>();
    made.add(instance.encrypt());
    long backup = server.generation();
    for (int i = 0; i < 3; i++) {
      rotate(instance);
      made.add(instance.encrypt());
    }
    other.rotator.refresh();
    server.goBackTo(backup);
    clock.advance(Duration.ofMinutes(1));
    instance.rotator.refresh();
    other.rotator.refresh();
    assertThat(instance.status().frozen()).isTrue();
    assertThat(other.status().problem()).contains("DO NOT RESTART").contains("'restore'");

    assertThat(instance.perform(KeyAction.RESTORE, null)).isEmpty();
    other.rotator.refresh();

    for (TestInstance each : List.of(instance, other, instance())) {
      assertThat(made).allMatch(each::opens);
      assertThat(each.status().frozen()).isFalse();
      assertThat(each.status().generation()).isEqualTo(backup + 1);
      assertThat(each.status().metadata().restores()).isEqualTo(1);
      assertThat(each.activeKey()).isEqualTo(instance.activeKey());
    }
    assertThat(other.events).contains(new KeysetRestored(ORDERS, backup + 1));
    made.add(other.encrypt());
    clock.advance(DAY);
    rotate(other);
    instance.rotator.refresh();
    made.add(other.encrypt());
    assertThat(made).allMatch(instance::opens);
  }

  @Test
  void publishesTheSpareAgain() {
    TestInstance instance = instance();
    long backup = server.generation();
    rotate(instance);
    long spare = instance.status().metadata().spare().orElseThrow().id();
    clock.advance(DAY.minusMinutes(1));
    server.goBackTo(backup);

    instance.perform(KeyAction.RESTORE, null);
    Instant restoredAt = clock.instant();
    clock.advance(Duration.ofMinutes(2));

    assertThat(instance().key(spare).promotableFrom()).isEqualTo(restoredAt.plus(DAY));
    assertThatExceptionOfType(RotationRefusedException.class)
        .isThrownBy(() -> instance.perform(KeyAction.ROTATE, null))
        .satisfies(ex -> assertThat(ex.allowedFrom()).isEqualTo(restoredAt.plus(DAY)));
  }

  @Test
  void survivesAnotherRestoreOfAnOlderBackup() {
    TestInstance instance = instance();
    long backup = server.generation();
    byte[] made = rotate(instance).encrypt();
    server.goBackTo(backup);
    instance.perform(KeyAction.RESTORE, null);
    server.goBackTo(backup);
    clock.advance(Duration.ofMinutes(1));
    instance.rotator.refresh();
    assertThat(instance.status().frozen()).isTrue();

    instance.perform(KeyAction.RESTORE, null);
    assertThat(instance().status().metadata().restores()).isEqualTo(2);
    assertThat(instance().opens(made)).isTrue();
  }

  @Test
  void bringsNoDestroyedOrCompromisedKeyBackToLife() {
    TestInstance instance = instance();
    long destroyed = instance.activeKey();
    byte[] byDestroyed = instance.encrypt();
    rotate(instance);
    long compromised = instance.activeKey();
    rotate(instance);
    long backup = server.generation();
    instance.perform(KeyAction.COMPROMISE, compromised);
    instance.perform(KeyAction.SCHEDULE_DESTROY, destroyed);
    clock.advance(WEEK);
    instance.perform(KeyAction.DESTROY, destroyed);
    assertThat(instance.key(destroyed).destruction().receipt()).isNotNull();
    server.goBackTo(backup);

    assertThat(instance.perform(KeyAction.RESTORE, null))
        .hasValue(
            "key %d was destroyed and must be erased from the store again".formatted(destroyed));

    TestInstance later = instance();
    assertThat(later.key(destroyed).state()).isEqualTo(DESTROYED);
    assertThat(later.key(compromised).state()).isEqualTo(COMPROMISED);
    assertThat(later.opens(byDestroyed)).isFalse();
    assertThat(later.key(destroyed).destruction().receipt())
        .as("the server holds its bytes again")
        .isNull();

    later.rotator.refresh();
    assertThat(later.key(destroyed).destruction().receipt()).isNotNull();
  }

  @Test
  void countsNoReferencesWhenAKeyIsAlreadyDestroyed() {
    TestInstance instance = instance();
    long destroyed = instance.activeKey();
    rotate(instance);
    instance.perform(KeyAction.SCHEDULE_DESTROY, destroyed);
    long backup = server.generation();
    clock.advance(WEEK);
    instance.perform(KeyAction.DESTROY, destroyed);
    server.goBackTo(backup);
    instance.perform(KeyAction.RESTORE, null);
    assertThat(instance.key(destroyed).destruction().receipt()).isNull();
    instance.rotator.addReferences(new Rows());

    instance.perform(KeyAction.DESTROY, destroyed);

    assertThat(instance.key(destroyed).destruction().receipt()).isNotNull();
  }

  @Test
  void activatesTheKeyThatAllKnowWhenTheOtherIsCompromised() {
    TestInstance kept = instance();
    long first = kept.activeKey();
    long spare = kept.keys().get(1).id();
    long backup = server.generation();
    kept.perform(KeyAction.COMPROMISE, spare);
    server.goBackTo(backup);
    clock.advance(DAY);
    TestInstance restarted = rotate(instance());
    byte[] byRestarted = restarted.encrypt();
    assertThat(restarted.activeKey()).isEqualTo(spare);

    kept.perform(KeyAction.RESTORE, null);
    restarted.rotator.refresh();

    for (TestInstance each : List.of(kept, restarted, instance())) {
      assertThat(each.status().frozen()).isFalse();
      assertThat(each.activeKey()).isEqualTo(first);
      assertThat(each.key(spare).state()).isEqualTo(COMPROMISED);
      assertThat(each.states()).containsOnlyOnce(PENDING);
      assertThat(each.opens(byRestarted)).isTrue();
    }
    rotate(restarted);
    kept.rotator.refresh();
    assertThat(kept.activeKey()).isEqualTo(restarted.activeKey()).isNotEqualTo(first);
  }

  @Test
  void promotesASpareAtOnceWhenEveryKeyInUseIsCompromised() {
    TestInstance kept = instance();
    List<Long> known = kept.keys().stream().map(KeyMetadata::id).toList();
    long backup = server.generation();
    kept.perform(KeyAction.COMPROMISE, null);
    server.goBackTo(backup);
    clock.advance(DAY);
    TestInstance restarted = rotate(instance());
    long newest = restarted.keys().get(2).id();

    kept.perform(KeyAction.RESTORE, null);
    restarted.rotator.refresh();

    for (TestInstance each : List.of(kept, restarted, instance())) {
      assertThat(each.activeKey()).isEqualTo(newest);
      assertThat(known).allMatch(key -> each.key(key).state() == COMPROMISED);
      assertThat(each.states()).containsOnlyOnce(PENDING);
    }
  }

  @Test
  void keepsTheReceiptThatTheStoreStillHolds() {
    TestInstance instance = instance();
    long destroyed = instance.activeKey();
    rotate(instance);
    instance.perform(KeyAction.SCHEDULE_DESTROY, destroyed);
    clock.advance(WEEK);
    instance.perform(KeyAction.DESTROY, destroyed);
    long backup = server.generation();
    rotate(instance);
    server.goBackTo(backup);

    assertThat(instance.perform(KeyAction.RESTORE, null)).isEmpty();
    assertThat(instance().key(destroyed).destruction().receipt()).isNotNull();
  }

  @Test
  void unitesTwoBranches() {
    TestInstance kept = instance();
    long backup = server.generation();
    byte[] byKept = rotate(kept).encrypt();
    long keptActive = kept.activeKey();
    server.goBackTo(backup);
    clock.advance(Duration.ofMinutes(1));
    TestInstance restarted = instance();
    clock.advance(DAY);
    restarted.perform(KeyAction.ROTATE, null);
    rotate(restarted);
    byte[] byRestarted = restarted.encrypt();
    long first = restarted.keys().get(0).id();
    restarted.perform(KeyAction.COMPROMISE, first);

    kept.perform(KeyAction.RESTORE, null);
    restarted.rotator.refresh();

    TestInstance later = instance();
    for (TestInstance each : List.of(kept, restarted, later)) {
      assertThat(each.opens(byKept)).isTrue();
      assertThat(each.opens(byRestarted)).isTrue();
      assertThat(each.activeKey()).as("promoted last").isEqualTo(restarted.activeKey());
      assertThat(each.key(first).compromised()).isTrue();
      assertThat(each.key(keptActive).state()).isNotEqualTo(ACTIVE);
      assertThat(each.states()).containsOnlyOnce(PENDING);
    }
  }

  @Test
  void refusesWhenNothingInMemoryIsNewer() {
    TestInstance instance = instance();
    for (boolean force : new boolean[] {false, true}) {
      assertThatExceptionOfType(RotationRefusedException.class)
          .isThrownBy(() -> instance.rotator.perform(KeyAction.RESTORE, null, force))
          .withMessage(
              "Keyset orders: the store holds generation 1, and nothing in memory is newer");
    }
    rotate(instance());
    assertThatExceptionOfType(RotationRefusedException.class)
        .isThrownBy(() -> instance.perform(KeyAction.RESTORE, null));
  }

  @Test
  void writesOverWhatDoesNotOpenByForceOnly() {
    TestInstance instance = instance();
    byte[] made = rotate(instance).encrypt();
    server.loseKeyEncryptionKey();
    clock.advance(Duration.ofMinutes(1));
    server.touch();

    assertThatExceptionOfType(RotationRefusedException.class)
        .isThrownBy(() -> instance.perform(KeyAction.RESTORE, null))
        .withMessageContaining("does not open as generation")
        .satisfies(ex -> assertThat(ex.action()).contains("\"force\": true"));
    assertThat(instance.rotator.perform(KeyAction.RESTORE, null, true))
        .hasValueSatisfying(risk -> assertThat(risk).contains("does not open"));
    assertThat(instance().opens(made)).isTrue();
  }

  @Test
  void writesTheFirstGenerationWhenTheStoreHoldsNothing() {
    TestInstance instance = instance();
    byte[] made = rotate(instance).encrypt();
    server.goBackTo(0);
    clock.advance(Duration.ofMinutes(1));
    instance.rotator.refresh();
    assertThat(instance.status().problem()).contains("is gone").contains("DO NOT RESTART");

    instance.perform(KeyAction.RESTORE, null);
    assertThat(instance.status().generation()).isEqualTo(1);
    assertThat(instance().opens(made)).isTrue();
  }

  @Test
  void countsARestoreByAnotherInstanceAsTheOneThatWasAskedFor() {
    TestInstance instance = instance();
    TestInstance other = instance();
    long backup = server.generation();
    rotate(instance);
    other.rotator.refresh();
    server.goBackTo(backup);
    server.beforeNextWrite = () -> other.perform(KeyAction.RESTORE, null);

    assertThat(instance.perform(KeyAction.RESTORE, null)).isEmpty();

    assertThat(server.generation()).isEqualTo(backup + 1);
    assertThat(instance.status().frozen()).isFalse();
  }

  @Test
  void isNoRestoreOnWhatIsNotProved() {
    TestInstance instance = instance();
    long backup = server.generation();
    rotate(instance);
    server.goBackTo(backup);
    server.proves = false;
    assertThatExceptionOfType(StoreUnavailableException.class)
        .isThrownBy(() -> instance.perform(KeyAction.RESTORE, null));
    assertThat(server.generation()).isEqualTo(backup);
  }

  private TestInstance instance() {
    return new TestInstance(repository, DAILY, clock);
  }

  private TestInstance rotate(TestInstance instance) {
    KeyMetadata spare = instance.status().metadata().spare().orElseThrow();
    if (clock.instant().isBefore(spare.promotableFrom())) {
      clock.advance(Duration.between(clock.instant(), spare.promotableFrom()));
    }
    instance.perform(KeyAction.ROTATE, null);
    return instance;
  }

  /** Counts whatever it cannot read, as under any key. */
  private static final class Rows implements KeyReferences {

    @Override
    public long count(KeysetId keyset, long keyId) {
      return 12;
    }

    @Override
    public String what() {
      return "rows of orders.card";
    }
  }

  /** A store that can be brought back to how it was. */
  private final class Server implements KeysetStore, KeyEncryptionKeys {

    private final List<StoredDocument> versions = new ArrayList<>();
    private MemoryKeyEncryptionKeys keys = new MemoryKeyEncryptionKeys();
    private boolean proves = true;
    private Runnable beforeNextWrite = () -> {};

    long generation() {
      return versions.size();
    }

    void goBackTo(long generation) {
      versions.subList((int) generation, versions.size()).clear();
    }

    void loseKeyEncryptionKey() {
      keys = new MemoryKeyEncryptionKeys();
    }

    /** As if the newest version had been written at another time: nobody takes it as known. */
    void touch() {
      StoredDocument newest = versions.remove(versions.size() - 1);
      versions.add(
          new StoredDocument(
              newest.content(), newest.generation(), clock.instant(), clock.instant(), true));
    }

    @Override
    public Optional<StoredDocument> load(KeysetId keyset) {
      if (versions.isEmpty()) {
        return Optional.empty();
      }
      StoredDocument newest = versions.get(versions.size() - 1);
      return Optional.of(
          new StoredDocument(
              newest.content(), newest.generation(), newest.createdAt(), clock.instant(), proves));
    }

    @Override
    public StoredDocument save(KeysetId keyset, String content, long expectedGeneration) {
      Runnable before = beforeNextWrite;
      beforeNextWrite = () -> {};
      before.run();
      if (versions.size() != expectedGeneration) {
        throw new WriteConflictException(location(keyset), expectedGeneration);
      }
      Instant now = clock.instant();
      versions.add(new StoredDocument(content, expectedGeneration + 1, now, now, true));
      return versions.get(versions.size() - 1);
    }

    @Override
    public String location(KeysetId keyset) {
      return "secret/latchkey/shop/orders";
    }

    @Override
    public Aead forKeyset(KeysetId keyset) {
      return keys.forKeyset(keyset);
    }

    @Override
    public void createIfAbsent(KeysetId keyset) {
      keys.createIfAbsent(keyset);
    }
  }
}
