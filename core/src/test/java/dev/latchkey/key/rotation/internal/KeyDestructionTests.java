package dev.latchkey.key.rotation.internal;

import static dev.latchkey.key.KeyState.ACTIVE;
import static dev.latchkey.key.KeyState.DESTROYED;
import static dev.latchkey.key.KeyState.DESTROY_SCHEDULED;
import static dev.latchkey.key.KeyState.DISABLED;
import static dev.latchkey.key.KeyState.PENDING;
import static dev.latchkey.key.KeyState.RETIRED;
import static dev.latchkey.key.rotation.internal.TestInstance.ORDERS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.google.crypto.tink.KeysetHandle;
import dev.latchkey.StoreUnavailableException;
import dev.latchkey.key.KeyDestruction;
import dev.latchkey.key.KeyDestruction.Fence;
import dev.latchkey.key.KeyMetadata;
import dev.latchkey.key.KeyState;
import dev.latchkey.key.KeysetId;
import dev.latchkey.key.document.KeysetErasure;
import dev.latchkey.key.document.OperatorNeededException;
import dev.latchkey.key.document.internal.KeysetRepository;
import dev.latchkey.key.internal.KeysetEditor;
import dev.latchkey.key.internal.KeysetSnapshot;
import dev.latchkey.key.rotation.KeyAction;
import dev.latchkey.key.rotation.KeyReferences;
import dev.latchkey.key.rotation.KeysetStatus.NextStep;
import dev.latchkey.key.rotation.KeysetStatus.OpenDestruction;
import dev.latchkey.key.rotation.RotationEvent.KeyDestroyed;
import dev.latchkey.key.rotation.RotationPolicy;
import dev.latchkey.key.rotation.RotationRefusedException;
import dev.latchkey.memory.internal.MemoryKeyEncryptionKeys;
import dev.latchkey.memory.internal.MemoryKeysetStore;
import dev.latchkey.test.MutableClock;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class KeyDestructionTests {

  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
  private static final Duration DAY = Duration.ofDays(1);
  private static final Duration WEEK = Duration.ofDays(7);
  private static final RotationPolicy BY_HAND =
      RotationPolicy.of("rotation.", null, Duration.ZERO, Duration.ZERO, false);

  private final MutableClock clock = new MutableClock(START);
  private final ScriptedErasure erasure = new ScriptedErasure();
  private final KeysetRepository repository =
      new KeysetRepository(new MemoryKeysetStore(clock), new MemoryKeyEncryptionKeys())
          .erasedBy(erasure);

  @Test
  void leavesTheIdAndAReceiptAndNothingThatOpens() {
    TestInstance instance = instance();
    TestInstance other = instance();
    byte[] ciphertext = instance.encrypt();
    long key = scheduled(instance);
    clock.advance(WEEK);

    instance.perform(KeyAction.DESTROY, key);
    other.rotator.refresh();

    assertThat(instance.states()).containsExactly(DESTROYED, ACTIVE, PENDING);
    assertThat(instance.snapshot().handle().size()).isEqualTo(2);
    for (TestInstance each : List.of(instance, other, instance())) {
      assertThat(each.opens(ciphertext)).isFalse();
      KeyDestruction destruction = each.key(key).destruction();
      assertThat(destruction.by()).isEqualTo("alice");
      assertThat(destruction.receipt().verifiedAt()).isEqualTo(clock.instant());
      assertThat(destruction.receipt().evidence()).containsExactly("erased before generation 4");
      assertThat(destruction.receipt().beyondReach()).contains("backups");
    }
    for (TestInstance each : List.of(instance, other)) {
      assertThat(each.events)
          .filteredOn(KeyDestroyed.class::isInstance)
          .containsExactly(
              new KeyDestroyed(ORDERS, key, "alice", instance.key(key).destruction().receipt()));
    }
  }

  @Test
  void refusesWhatIsNotScheduledOrStillWaits() {
    TestInstance instance = instance();
    long active = instance.activeKey();
    assertThat(instance.keys()).hasSize(2);
    assertRefused(instance, active, "key %d is ACTIVE".formatted(active), null);
    instance.perform(KeyAction.ROTATE, null);
    long spare = instance.keys().get(2).id();
    assertRefused(instance, active, "key %d is RETIRED, not scheduled".formatted(active), null);
    assertRefused(instance, spare, "key %d is PENDING".formatted(spare), null);
    assertRefused(instance, 7L, "there is no key 7", null);

    instance.perform(KeyAction.SCHEDULE_DESTROY, active);
    clock.advance(WEEK.minusMillis(1));
    assertRefused(instance, active, "can be destroyed from " + START.plus(WEEK), START.plus(WEEK));
    assertThat(instance.states()).containsExactly(DESTROY_SCHEDULED, ACTIVE, PENDING);

    clock.advance(Duration.ofMillis(1));
    instance.perform(KeyAction.DESTROY, active);
    assertRefused(instance, active, "was destroyed, verified at " + clock.instant(), null);
  }

  @Test
  void keepsAKeyWhenReferencesToItAreCounted() {
    TestInstance instance = instance();
    Rows rows = new Rows();
    instance.rotator.addReferences(rows);
    rows.count = OptionalLong.of(12);
    long key = instance.activeKey();
    instance.perform(KeyAction.ROTATE, null);

    assertThatExceptionOfType(RotationRefusedException.class)
        .isThrownBy(() -> instance.perform(KeyAction.SCHEDULE_DESTROY, key))
        .withMessage("Keyset orders: 12 rows of orders.card are still encrypted with key " + key);
    assertThat(instance.rotator.perform(KeyAction.SCHEDULE_DESTROY, key, true))
        .hasValueSatisfying(risk -> assertThat(risk).contains("12 rows"));

    clock.advance(WEEK);
    assertRefused(
        instance, key, "12 rows of orders.card are still encrypted with key " + key, null);
    rows.count = OptionalLong.empty();
    assertRefused(instance, key, "rows of orders.card cannot be counted", null);
    assertThat(instance.states()).containsExactly(DESTROY_SCHEDULED, ACTIVE, PENDING);

    rows.count = OptionalLong.of(0);
    instance.perform(KeyAction.DESTROY, key);
    assertThat(instance.states()).containsExactly(DESTROYED, ACTIVE, PENDING);
  }

  @Test
  void waitsForAnOperatorAndGoesOnAtAnyInstance() {
    TestInstance instance = instance();
    TestInstance other = instance();
    long key = scheduled(instance);
    clock.advance(WEEK);
    erasure.denied = "fence";

    instance.perform(KeyAction.DESTROY, key);
    assertThat(instance.status().openDestructions().get(key))
        .isEqualTo(
            new OpenDestruction(
                "fence is denied", "As an operator:\n  do fence", List.of("do fence")));
    assertThat(instance.states()).containsExactly(DESTROY_SCHEDULED, ACTIVE, PENDING);
    assertThat(instance.key(key).destruction()).isEqualTo(new KeyDestruction("alice", null, null));

    erasure.denied = "erase";
    other.rotator.refresh();
    assertThat(other.states()).containsExactly(DESTROYED, ACTIVE, PENDING);
    assertThat(other.key(key).destruction())
        .isEqualTo(new KeyDestruction("alice", new Fence(5, "retained 1"), null));
    assertThat(other.status().openDestructions().get(key).commands()).containsExactly("do erase");

    erasure.denied = "";
    other.rotator.refresh();
    assertThat(other.key(key).destruction().receipt()).as("it looks now and then only").isNull();
    clock.advance(KeyDestroyer.INTERVAL);
    other.rotator.refresh();
    assertThat(other.key(key).destruction().receipt()).isNotNull();
    assertThat(other.key(key).destruction().by()).isEqualTo("alice");
    assertThat(other.status().openDestructions()).isEmpty();
    instance.rotator.refresh();
    assertThat(instance.status().openDestructions()).isEmpty();
  }

  @Test
  void canBeTakenBackUntilTheBytesAreOut() {
    TestInstance instance = instance();
    byte[] ciphertext = instance.encrypt();
    long key = scheduled(instance);
    clock.advance(WEEK);
    erasure.denied = "fence";
    instance.perform(KeyAction.DESTROY, key);

    instance.perform(KeyAction.CANCEL_DESTROY, key);
    erasure.denied = "";
    clock.advance(KeyDestroyer.INTERVAL);
    instance.rotator.refresh();

    assertThat(instance.key(key).state()).isEqualTo(RETIRED);
    assertThat(instance.key(key).destruction()).isNull();
    assertThat(instance.opens(ciphertext)).isTrue();
  }

  @Test
  void writesAgainWhenTheNewestGenerationIsWrappedByAnOldVersion() {
    TestInstance instance = instance();
    long key = scheduled(instance);
    clock.advance(WEEK);
    erasure.behind = 1;

    instance.perform(KeyAction.DESTROY, key);

    assertThat(instance.key(key).destruction().receipt()).isNotNull();
    assertThat(instance.status().generation()).isEqualTo(6);
  }

  @Test
  void resumesAtAnyStepWhenItFailed() {
    for (int calls = 0; calls < 4; calls++) {
      TestInstance instance = instance();
      long key = instance.activeKey();
      instance.perform(KeyAction.ROTATE, null);
      instance.perform(KeyAction.SCHEDULE_DESTROY, key);
      clock.advance(WEEK);
      erasure.failsAfter = calls;
      try {
        instance.perform(KeyAction.DESTROY, key);
      } catch (StoreUnavailableException ex) {
        assertThat(ex).hasMessage("no answer");
      }
      erasure.failsAfter = Integer.MAX_VALUE;
      TestInstance later = instance();
      if (later.key(key).destruction() == null) {
        later.perform(KeyAction.DESTROY, key);
      }
      later.rotator.refresh();
      assertThat(later.key(key).destruction().receipt()).as("after %d calls", calls).isNotNull();
    }
  }

  @Test
  void destroysByItselfWhenConfiguredButKeepsReferencedKeys() {
    TestInstance instance = new TestInstance(repository, destroyingMonthly(), clock);
    Rows rows = new Rows();
    instance.rotator.addReferences(rows);
    long key = instance.activeKey();
    clock.advance(Duration.ofDays(30));
    instance.rotator.refresh();
    rows.count = OptionalLong.of(1);
    clock.advance(DAY);
    instance.rotator.refresh();
    assertThat(instance.states()).containsExactly(RETIRED, ACTIVE, PENDING);
    assertThat(instance.status().next().action()).isEqualTo(NextStep.Action.PROMOTE);

    rows.count = OptionalLong.of(0);
    clock.advance(Duration.ofMinutes(10));
    instance.rotator.refresh();
    assertThat(instance.states()).containsExactly(DESTROY_SCHEDULED, ACTIVE, PENDING);
    assertThat(instance.status().next())
        .isEqualTo(new NextStep(NextStep.Action.DESTROY, key, clock.instant().plus(WEEK), null));

    clock.advance(WEEK);
    rows.count = OptionalLong.of(1);
    instance.rotator.refresh();
    assertThat(instance.states()).containsExactly(DESTROY_SCHEDULED, ACTIVE, PENDING);
    rows.count = OptionalLong.of(0);
    clock.advance(Duration.ofMinutes(10));
    instance.rotator.refresh();
    assertThat(instance.key(key).destruction().by()).isEqualTo("rotation.destroy-after");
    assertThat(instance.key(key).destruction().receipt()).isNotNull();
  }

  /** That is what the endpoint shows as {@code next}. */
  @Test
  void doesAtEachRefreshWhatWasShownAsNextAndNothingElse() {
    Set<NextStep.Action> taken = EnumSet.noneOf(NextStep.Action.class);
    TestInstance destroying = new TestInstance(repository, destroyingMonthly(), clock);
    for (int step = 0; step < 12; step++) {
      taken.add(takeWhatIsShown(destroying));
    }
    KeysetSnapshot held = destroying.snapshot();
    repository.save( // no spare is left
        ORDERS, KeysetEditor.of(held).promoteSpare().draft(false), held.generation());
    TestInstance disabling =
        new TestInstance(
            repository,
            RotationPolicy.of("rotation.", Duration.ofDays(30), DAY, DAY, false)
                .withEnd("rotation.", DAY, null),
            clock);
    for (int step = 0; step < 6; step++) {
      taken.add(takeWhatIsShown(disabling));
    }
    assertThat(taken)
        .isEqualTo(
            EnumSet.complementOf(EnumSet.of(NextStep.Action.NONE, NextStep.Action.CORRECT_TIMES)));
  }

  private NextStep.Action takeWhatIsShown(TestInstance instance) {
    NextStep next = instance.status().next();
    List<KeyMetadata> before = instance.keys();
    Duration wait = Duration.between(clock.instant(), next.at());
    if (!wait.isZero()) {
      clock.advance(wait.minusMillis(1));
      instance.rotator.refresh();
      assertThat(instance.keys()).isEqualTo(before);
      assertThat(instance.status().next()).isEqualTo(next);
      clock.advance(Duration.ofMillis(1));
    }

    instance.rotator.refresh();

    List<KeyState> expected = statesAfter(next, before);
    assertThat(instance.states()).as("%s after %s", next, before).isEqualTo(expected);
    for (int i = 0; i < before.size(); i++) {
      if (expected.get(i) == before.get(i).state()) {
        assertThat(instance.keys().get(i)).isEqualTo(before.get(i));
      }
    }
    return next.action();
  }

  private static List<KeyState> statesAfter(NextStep step, List<KeyMetadata> keys) {
    List<KeyState> states = new ArrayList<>();
    for (KeyMetadata key : keys) {
      boolean concerned = step.key() != null && step.key() == key.id();
      states.add(
          switch (step.action()) {
            case PROMOTE -> concerned ? ACTIVE : key.state() == ACTIVE ? RETIRED : key.state();
            case DISABLE -> concerned ? DISABLED : key.state();
            case SCHEDULE_DESTROY -> concerned ? DESTROY_SCHEDULED : key.state();
            case DESTROY -> concerned ? DESTROYED : key.state();
            case ADD_SPARE, CORRECT_TIMES, NONE -> key.state();
          });
    }
    if (step.action() == NextStep.Action.PROMOTE || step.action() == NextStep.Action.ADD_SPARE) {
      states.add(PENDING);
    }
    return states;
  }

  @Test
  void rotatesHoweverLongADestructionFails() {
    TestInstance instance = new TestInstance(repository, destroyingMonthly(), clock);
    long first = instance.activeKey();
    erasure.failsAfter = 0;
    for (int month = 1; month <= 6; month++) {
      for (int day = 1; day <= 30; day++) {
        clock.advance(DAY);
        instance.rotator.refresh();
      }
      assertThat(instance.keys()).as("after %d months", month).hasSize(month + 2);
    }
    assertThat(instance.key(first).state()).isEqualTo(DESTROY_SCHEDULED);
    assertThat(instance.key(first).destruction())
        .isEqualTo(new KeyDestruction("rotation.destroy-after", null, null));
    assertThat(instance.status().openDestructions().get(first).reason()).isEqualTo("no answer");
    assertThat(instance.keys().get(1).destruction()).as("nor does another's").isNotNull();

    erasure.failsAfter = Integer.MAX_VALUE;
    clock.advance(KeyDestroyer.INTERVAL);
    instance.rotator.refresh();
    assertThat(instance.key(first).destruction().receipt()).isNotNull();
  }

  @Test
  void disablesNoKeyByItselfWhenReferencesToItAreCounted() {
    TestInstance instance =
        new TestInstance(repository, BY_HAND.withEnd("rotation.", DAY, null), clock);
    Rows rows = new Rows();
    instance.rotator.addReferences(rows);
    long key = instance.activeKey();
    instance.perform(KeyAction.ROTATE, null);
    rows.keptKey = key;

    clock.advance(DAY);
    instance.rotator.refresh();
    assertThat(instance.key(key).state()).isEqualTo(RETIRED);

    rows.keptKey = 0;
    clock.advance(Duration.ofHours(1));
    instance.rotator.refresh();
    assertThat(instance.key(key).state()).isEqualTo(DISABLED);
  }

  @Test
  void warnsWhenCountingReferencesDelaysTheRefresh() {
    TestInstance instance = instance();
    long key = instance.activeKey();
    instance.perform(KeyAction.ROTATE, null);
    Rows rows = new Rows();
    instance.rotator.addReferences(rows);
    ListAppender<ILoggingEvent> log = new ListAppender<>();
    log.start();
    Logger logger = (Logger) LoggerFactory.getLogger(References.class);
    logger.addAppender(log);

    rows.whileCounting = () -> clock.advance(Duration.ofSeconds(10));
    instance.perform(KeyAction.SCHEDULE_DESTROY, key);
    assertThat(log.list).isEmpty();
    instance.perform(KeyAction.CANCEL_DESTROY, key);
    rows.whileCounting = () -> clock.advance(Duration.ofSeconds(11));
    instance.perform(KeyAction.SCHEDULE_DESTROY, key);

    logger.detachAppender(log);
    assertThat(log.list)
        .singleElement()
        .extracting(ILoggingEvent::getFormattedMessage)
        .asString()
        .startsWith("Keyset orders: counting rows of orders.card encrypted with key");
  }

  @Test
  void rotatesAndEndsOtherKeysWhenReferencesKeepAKey() {
    TestInstance instance = new TestInstance(repository, destroyingMonthly(), clock);
    Rows rows = new Rows();
    rows.count = OptionalLong.empty();
    instance.rotator.addReferences(rows);
    for (int month = 1; month <= 6; month++) {
      clock.advance(Duration.ofDays(30));
      instance.rotator.refresh();
      assertThat(instance.keys()).as("after %d months", month).hasSize(month + 2);
    }
    assertThat(instance.states().subList(0, 6)).containsOnly(RETIRED);
    clock.advance(DAY);
    instance.rotator.refresh();
    assertThat(instance.states().subList(0, 6)).containsOnly(RETIRED);
    assertThat(instance.status().next().action())
        .as("a referenced key is not the next step")
        .isEqualTo(NextStep.Action.PROMOTE);

    rows.keptKey = instance.keys().get(0).id();
    rows.count = OptionalLong.of(0);
    for (int refresh = 1; refresh <= 5; refresh++) {
      clock.advance(Duration.ofHours(1)); // so that the count expires
      instance.rotator.refresh();
    }
    assertThat(instance.states().subList(0, 6))
        .containsExactly(
            RETIRED,
            DESTROY_SCHEDULED,
            DESTROY_SCHEDULED,
            DESTROY_SCHEDULED,
            DESTROY_SCHEDULED,
            DESTROY_SCHEDULED);
  }

  private static RotationPolicy destroyingMonthly() {
    return RotationPolicy.of("rotation.", Duration.ofDays(30), DAY, DAY, false)
        .withEnd("rotation.", DAY, WEEK);
  }

  @Test
  void refersToNothingOfTheGenerationThatHeldTheKey() {
    TestInstance instance = instance();
    long key = scheduled(instance);
    clock.advance(WEEK);
    WeakReference<KeysetHandle> before = new WeakReference<>(instance.snapshot().handle());
    instance.perform(KeyAction.DESTROY, key);

    for (int i = 0; i < 50 && before.get() != null; i++) {
      System.gc();
    }
    assertThat(before.get()).isNull();
    assertThat(instance.opens(instance.encrypt())).isTrue();
  }

  @Test
  void neverGivesTheIdOfADestroyedKeyAgain() {
    TestInstance instance = instance();
    long key = scheduled(instance);
    clock.advance(WEEK);
    instance.perform(KeyAction.DESTROY, key);
    for (int i = 0; i < 20; i++) {
      instance.perform(KeyAction.ROTATE, null);
    }
    assertThat(instance.keys()).extracting(KeyMetadata::id).doesNotHaveDuplicates().contains(key);
    assertThat(instance.key(key).state()).isEqualTo(DESTROYED);
  }

  private static void assertRefused(
      TestInstance instance, long key, String reason, Instant allowedFrom) {
    for (boolean force : new boolean[] {false, true}) {
      assertThatExceptionOfType(RotationRefusedException.class)
          .isThrownBy(() -> instance.rotator.perform(KeyAction.DESTROY, key, force))
          .withMessageContaining(reason)
          .satisfies(ex -> assertThat(ex.allowedFrom()).isEqualTo(allowedFrom));
    }
  }

  private TestInstance instance() {
    return new TestInstance(repository, BY_HAND, clock);
  }

  /** The first key, scheduled at once. */
  private static long scheduled(TestInstance instance) {
    long key = instance.activeKey();
    instance.perform(KeyAction.ROTATE, null);
    instance.perform(KeyAction.SCHEDULE_DESTROY, key);
    return key;
  }

  private static final class Rows implements KeyReferences {

    private OptionalLong count = OptionalLong.of(0);
    private long keptKey;
    private Runnable whileCounting = () -> {};

    @Override
    public long count(KeysetId keyset, long keyId) {
      whileCounting.run();
      return keyId == keptKey ? 1 : count.orElseThrow();
    }

    @Override
    public String what() {
      return "rows of orders.card";
    }
  }

  /** Denies, fails and is behind as a test wants it. */
  private static final class ScriptedErasure implements KeysetErasure {

    private final List<String> retained = new ArrayList<>();
    private String denied = "";
    private int behind;
    private int failsAfter = Integer.MAX_VALUE;

    @Override
    public String fence(KeysetId keyset, byte[] wrapped) {
      step("fence");
      retained.add("retained " + (retained.size() + 1));
      return retained.get(retained.size() - 1);
    }

    @Override
    public boolean isBeyond(String retained, byte[] wrapped) {
      step("look");
      return behind-- <= 0;
    }

    @Override
    public Erased erase(KeysetId keyset, Fence fence, boolean onTrust) {
      step("erase");
      return Erased.from(List.of("erased before generation " + fence.generation()), "backups");
    }

    private void step(String what) {
      if (failsAfter-- <= 0) {
        throw new StoreUnavailableException("no answer", "Wait.");
      }
      if (what.equals(denied)) {
        throw new OperatorNeededException(what + " is denied", List.of("do " + what));
      }
    }
  }
}
