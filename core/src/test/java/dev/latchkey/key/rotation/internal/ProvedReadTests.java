package dev.latchkey.key.rotation.internal;

import static dev.latchkey.key.rotation.KeysetStatus.Freshness.State.PROVEN;
import static dev.latchkey.key.rotation.KeysetStatus.Freshness.State.STALE;
import static dev.latchkey.key.rotation.KeysetStatus.Freshness.State.UNPROVEN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.latchkey.StoreUnavailableException;
import dev.latchkey.key.KeysetId;
import dev.latchkey.key.KeysetTemplate;
import dev.latchkey.key.document.KeysetStore;
import dev.latchkey.key.document.StoredDocument;
import dev.latchkey.key.document.internal.KeysetRepository;
import dev.latchkey.key.live.internal.KeysetRegistry;
import dev.latchkey.key.rotation.KeyAction;
import dev.latchkey.key.rotation.KeysetStatus;
import dev.latchkey.key.rotation.KeysetStatus.Freshness;
import dev.latchkey.key.rotation.RotationPolicy;
import dev.latchkey.key.rotation.RotationRefusedException;
import dev.latchkey.memory.internal.MemoryKeyEncryptionKeys;
import dev.latchkey.memory.internal.MemoryKeysetStore;
import dev.latchkey.test.MutableClock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** What an instance makes of answers that may be old: those of a node that is cut off. */
class ProvedReadTests {

  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
  private static final Duration DAY = Duration.ofDays(1);
  private static final Duration MAX_STALENESS = Duration.ofHours(12);
  private static final KeysetId ORDERS = new KeysetId("shop", "orders");

  private final MutableClock clock = new MutableClock(START);
  private final NodeThatMayBeCutOff node = new NodeThatMayBeCutOff(new MemoryKeysetStore(clock));
  private final MemoryKeyEncryptionKeys keyEncryptionKeys = new MemoryKeyEncryptionKeys();
  private final KeysetRegistry registry = registry();
  private final Rotator instance = rotator(node, registry);
  private final Rotator other = rotator(node.active, registry());

  @Test
  void bringsANewerGenerationIntoUseThatIsNotProvedButDoesNotCountIt() {
    open();
    clock.advance(DAY);
    other.perform(KeyAction.ROTATE, null, false);
    node.cutOff = true;

    instance.refresh();

    assertThat(registry.snapshot("orders").generation()).isEqualTo(2);
    assertThat(instance.status().freshness().state()).isEqualTo(STALE);
    assertThat(instance.status().freshness().lastProvedRead()).isEqualTo(START);
    assertThat(instance.status().freshness().age()).isEqualTo(DAY);
  }

  @Test
  void keepsWhatItHoldsWhenSomethingOlderComesThatIsNotProved() {
    open();
    node.rememberForCutOff();
    clock.advance(DAY);
    instance.perform(KeyAction.ROTATE, null, false);
    node.cutOff = true;

    instance.refresh();

    KeysetStatus status = instance.status();
    assertThat(registry.snapshot("orders").generation()).isEqualTo(2);
    assertThat(status.problem()).isNull();
    assertThat(status.frozen()).isFalse();
    assertThat(status.freshness())
        .isEqualTo(new Freshness(UNPROVEN, START.plus(DAY), Duration.ZERO));
  }

  @Test
  void takesNoStepOnWhatIsNotProved() {
    open();
    node.cutOff = true;
    clock.advance(Duration.ofDays(90));

    instance.refresh();
    assertThat(registry.snapshot("orders").generation()).isEqualTo(1);
    assertThat(instance.status().next().blockedBy())
        .isEqualTo("the last read is not proved to be the store's newest");

    node.cutOff = false;
    instance.refresh();
    assertThat(registry.snapshot("orders").generation()).isEqualTo(2);
    assertThat(instance.status().next().blockedBy()).isNull();
    assertThat(instance.status().freshness().state()).isEqualTo(PROVEN);
  }

  @Test
  void performsNoActionOnWhatIsNotProvedEvenByForce() {
    open();
    node.cutOff = true;
    clock.advance(DAY);
    assertThatExceptionOfType(StoreUnavailableException.class)
        .isThrownBy(() -> instance.perform(KeyAction.ROTATE, null, true))
        .withMessage(
            "memory/latchkey/shop/orders returned a generation that is not proved to be its"
                + " newest");
    assertThat(node.active.load(ORDERS).orElseThrow().generation()).isEqualTo(1);
  }

  @Test
  void decidesByTheClockOfTheStoreAlone() {
    MutableClock fast = new MutableClock(START.plus(Duration.ofDays(1000)));
    KeysetRegistry ahead = registry();
    Rotator rotator = rotator(node, ahead, fast);
    rotator.open();
    rotator.refresh();
    assertThat(ahead.snapshot("orders").generation()).isEqualTo(1);
    assertThatExceptionOfType(RotationRefusedException.class)
        .isThrownBy(() -> rotator.perform(KeyAction.ROTATE, null, false));
  }

  @Test
  void countsFromTheStartWhenNothingWasEverProved() {
    other.open();
    node.cutOff = true;
    instance.open();
    clock.advance(MAX_STALENESS);
    assertThat(instance.status().freshness())
        .isEqualTo(new Freshness(UNPROVEN, null, MAX_STALENESS));
    clock.advance(Duration.ofSeconds(1));
    assertThat(instance.status().freshness().state()).isEqualTo(STALE);
  }

  @Test
  void countsTheTimeForWhichAnAnswerWasUnderWay() {
    open();
    node.answerTakes = DAY;
    instance.refresh();
    assertThat(instance.status().freshness()).isEqualTo(new Freshness(STALE, START, DAY));
  }

  @Test
  void warnsOnceWhenItIsStale() {
    open();
    node.cutOff = true;
    clock.advance(MAX_STALENESS.plusSeconds(1));
    assertThat(
            warningsOf(
                () -> {
                  instance.refresh();
                  instance.refresh();
                }))
        .containsExactly(
            "Keyset orders is stale: not proved to be the store's newest for PT12H1S,"
                + " longer than max-staleness (PT12H). The keys stay in use;"
                + " newer ones may be missing");
  }

  @Test
  void isNotUnfrozenByWhatIsNotProved() {
    open();
    StoredDocument first = node.active.load(ORDERS).orElseThrow();
    clock.advance(DAY);
    instance.perform(KeyAction.ROTATE, null, false);
    node.rememberForCutOff();
    node.restored = first;

    instance.refresh();
    assertThat(instance.status().frozen()).isTrue();
    assertThat(instance.status().next().blockedBy())
        .isEqualTo("the store was rolled back or replaced: nothing is written");

    node.cutOff = true;
    instance.refresh();
    assertThat(instance.status().frozen()).isTrue();
    assertThat(instance.status().problem()).contains("DO NOT RESTART");

    node.cutOff = false;
    node.restored = null;
    instance.refresh();
    assertThat(instance.status().frozen()).isFalse();
    assertThat(instance.status().problem()).isNull();
  }

  @Test
  void keepsTheAlarmWhileTheStoreIsOut() {
    open();
    StoredDocument first = node.active.load(ORDERS).orElseThrow();
    clock.advance(DAY);
    instance.perform(KeyAction.ROTATE, null, false);
    node.restored = first;
    assertThatExceptionOfType(RotationRefusedException.class)
        .isThrownBy(() -> instance.perform(KeyAction.ROTATE, null, true));
    assertThat(instance.status().problem()).contains("DO NOT RESTART");

    node.out = true;
    instance.refresh();
    assertThat(instance.status().problem()).contains("DO NOT RESTART");
  }

  @Test
  void countsNoReadThatItRefused() {
    open();
    StoredDocument first = node.active.load(ORDERS).orElseThrow();
    clock.advance(DAY);
    instance.perform(KeyAction.ROTATE, null, false);
    node.restored = first;
    clock.advance(MAX_STALENESS.plusSeconds(1));
    instance.refresh();
    assertThat(instance.status().freshness().state()).isEqualTo(STALE);
  }

  private void open() {
    instance.open();
    other.open();
  }

  private static KeysetRegistry registry() {
    return new KeysetRegistry(Map.of("orders", KeysetTemplate.of("AES256_GCM").family()));
  }

  private Rotator rotator(KeysetStore store, KeysetRegistry registry) {
    return rotator(store, registry, clock);
  }

  private Rotator rotator(KeysetStore store, KeysetRegistry registry, MutableClock clock) {
    return new Rotator(
        new KeysetDefinition(
            ORDERS,
            KeysetTemplate.of("AES256_GCM"),
            RotationPolicy.of("rotation.", Duration.ofDays(90), DAY, DAY, false),
            true,
            MAX_STALENESS),
        new KeysetRepository(store, keyEncryptionKeys),
        registry,
        clock,
        event -> {});
  }

  private static List<String> warningsOf(Runnable action) {
    Logger logger = (Logger) LoggerFactory.getLogger(RotationEvents.class);
    ListAppender<ILoggingEvent> log = new ListAppender<>();
    log.start();
    logger.addAppender(log);
    try {
      action.run();
    } finally {
      logger.detachAppender(log);
    }
    return log.list.stream()
        .filter(event -> event.getLevel() == Level.WARN)
        .map(ILoggingEvent::getFormattedMessage)
        .toList();
  }

  /** The store as one node shows it. */
  private final class NodeThatMayBeCutOff implements KeysetStore {

    private final KeysetStore active;
    private boolean cutOff;
    private boolean out;
    private @Nullable StoredDocument remembered;
    private @Nullable StoredDocument restored;
    private Duration answerTakes = Duration.ZERO;

    private NodeThatMayBeCutOff(KeysetStore active) {
      this.active = active;
    }

    private void rememberForCutOff() {
      remembered = active.load(ORDERS).orElseThrow();
    }

    @Override
    public Optional<StoredDocument> load(KeysetId keyset) {
      if (out) {
        throw new StoreUnavailableException("The store is out", "Wait.");
      }
      Optional<StoredDocument> newest = active.load(keyset);
      Instant readAt = clock.instant();
      clock.advance(answerTakes);
      StoredDocument instead = cutOff ? remembered : restored;
      return newest
          .map(it -> instead == null ? it : instead)
          .map(
              it ->
                  new StoredDocument(
                      it.content(), it.generation(), it.createdAt(), readAt, !cutOff));
    }

    @Override
    public StoredDocument save(KeysetId keyset, String content, long expectedGeneration) {
      return active.save(keyset, content, expectedGeneration);
    }

    @Override
    public String location(KeysetId keyset) {
      return active.location(keyset);
    }
  }
}
