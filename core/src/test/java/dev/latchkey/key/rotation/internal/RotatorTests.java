package dev.latchkey.key.rotation.internal;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.google.crypto.tink.Aead;
import dev.latchkey.LatchkeyException;
import dev.latchkey.StoreUnavailableException;
import dev.latchkey.key.KeyMetadata;
import dev.latchkey.key.KeyState;
import dev.latchkey.key.KeysetId;
import dev.latchkey.key.KeysetTemplate;
import dev.latchkey.key.document.KeysetStore;
import dev.latchkey.key.document.StoredDocument;
import dev.latchkey.key.document.internal.KeysetRepository;
import dev.latchkey.key.internal.KeysetSnapshot;
import dev.latchkey.key.live.internal.KeysetRegistry;
import dev.latchkey.key.rotation.KeyAction;
import dev.latchkey.key.rotation.KeysetStatus;
import dev.latchkey.key.rotation.KeysetStatus.Freshness;
import dev.latchkey.key.rotation.KeysetStatus.NextStep;
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
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class RotatorTests {

  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
  private static final Duration DAY = Duration.ofDays(1);
  private static final Duration HOUR = Duration.ofHours(1);
  private static final Duration MAX_STALENESS = Duration.ofHours(12);
  private static final KeysetId ORDERS = new KeysetId("shop", "orders");

  private final MutableClock clock = new MutableClock(START);
  private final TroubledStore store = new TroubledStore(new MemoryKeysetStore(clock));
  private final KeysetRepository repository =
      new KeysetRepository(store, new MemoryKeyEncryptionKeys());

  @Test
  void createsAnActiveKeyAndASpareWhenTheStoreHoldsNone() {
    Instance instance = instance("AES256_GCM", DAY);
    instance.rotator.open();

    assertThat(instance.snapshot().generation()).isEqualTo(1);
    assertThat(instance.states()).containsExactly(KeyState.ACTIVE, KeyState.PENDING);
  }

  @Test
  void createsNothingWhenItMayNot() {
    Instance instance =
        new Instance(
            new KeysetDefinition(
                ORDERS,
                KeysetTemplate.of("AES256_GCM"),
                RotationPolicy.of("rotation.", Duration.ofDays(90), DAY, HOUR, false),
                false,
                null));
    assertThatExceptionOfType(LatchkeyException.class)
        .isThrownBy(instance.rotator::open)
        .withMessage(
            "Keyset orders does not exist at memory/latchkey/shop/orders, and"
                + " its property 'create' is 'never'");
    assertThat(store.load(ORDERS)).isEmpty();
  }

  @Test
  void createsNothingWhenTheStoreFails() {
    store.failure = RotatorTests::unavailable;
    Instance instance = instance("AES256_GCM", DAY);
    assertThatExceptionOfType(StoreUnavailableException.class).isThrownBy(instance.rotator::open);
    store.failure = null;
    assertThat(store.load(ORDERS)).isEmpty();
  }

  @Test
  void agreesOnOneKeysetWhenManyInstancesStartAtOnce() throws Exception {
    List<Instance> instances =
        IntStream.range(0, 16).mapToObj(i -> instance("AES256_GCM", DAY)).toList();
    inParallel(
        instances.stream()
            .<Callable<@Nullable Void>>map(
                each ->
                    () -> {
                      each.rotator.open();
                      return null;
                    })
            .toList());

    assertThat(store.load(ORDERS).orElseThrow().generation()).isEqualTo(1);
    assertThat(instances)
        .allSatisfy(
            each ->
                assertThat(each.snapshot().metadata())
                    .isEqualTo(instances.get(0).snapshot().metadata()));
  }

  @Test
  void promotesTheSpareAndPublishesTheNextInOneWrite() throws GeneralSecurityException {
    Instance instance = instance("AES256_GCM", Duration.ZERO);
    instance.rotator.open();
    long first = instance.snapshot().metadata().active().id();
    long spare = instance.snapshot().metadata().spare().orElseThrow().id();
    byte[] before = instance.aead().encrypt("before".getBytes(UTF_8), new byte[0]);

    assertThat(instance.rotator.perform(KeyAction.ROTATE, null, false)).isEmpty();

    assertThat(instance.snapshot().generation()).isEqualTo(2);
    assertThat(instance.states())
        .containsExactly(KeyState.RETIRED, KeyState.ACTIVE, KeyState.PENDING);
    assertThat(instance.snapshot().metadata().active().id()).isEqualTo(spare).isNotEqualTo(first);
    assertThat(instance.aead().decrypt(before, new byte[0])).isEqualTo("before".getBytes(UTF_8));
  }

  @Test
  void decryptsOnEveryInstanceThatKnewTheSpare() throws GeneralSecurityException {
    Instance one = instance("AES256_GCM", Duration.ZERO);
    Instance other = instance("AES256_GCM", Duration.ZERO);
    one.rotator.open();
    other.rotator.open();

    one.rotator.perform(KeyAction.ROTATE, null, false);
    byte[] after = one.aead().encrypt("after".getBytes(UTF_8), new byte[0]);

    assertThat(other.snapshot().generation()).isEqualTo(1);
    assertThat(other.aead().decrypt(after, new byte[0])).isEqualTo("after".getBytes(UTF_8));
  }

  @Test
  void refusesToPromoteASpareThatIsNotKnownEverywhere() {
    Instance instance = instance("AES256_GCM", DAY);
    instance.rotator.open();
    clock.advance(DAY.minusSeconds(1));
    assertThatExceptionOfType(RotationRefusedException.class)
        .isThrownBy(() -> instance.rotator.perform(KeyAction.ROTATE, null, false))
        .satisfies(ex -> assertThat(ex.allowedFrom()).isEqualTo(START.plus(DAY)))
        .withMessageContaining(
            "was published at 2026-01-01T00:00:00Z and can be promoted from 2026-01-02T00:00:00Z on");
    assertThat(instance.snapshot().generation()).isEqualTo(1);

    clock.advance(Duration.ofSeconds(1));
    assertThat(instance.rotator.perform(KeyAction.ROTATE, null, false)).isEmpty();
    assertThat(instance.snapshot().generation()).isEqualTo(2);
  }

  @Test
  void namesTheRiskOfForcingARotation() {
    Instance instance = instance("AES256_GCM", DAY);
    instance.rotator.open();
    assertThat(instance.rotator.perform(KeyAction.ROTATE, null, true))
        .hasValueSatisfying(
            risk -> assertThat(risk).contains("can be promoted from 2026-01-02T00:00:00Z on"));
    assertThat(instance.snapshot().generation()).isEqualTo(2);
  }

  @Test
  void rotatesDeterministicOutputsOnlyWhenForced() {
    Instance instance = instance("AES256_SIV", Duration.ZERO);
    instance.rotator.open();
    assertThatExceptionOfType(RotationRefusedException.class)
        .isThrownBy(() -> instance.rotator.perform(KeyAction.ROTATE, null, false))
        .withMessageContaining("outputs of AES256_SIV change with the key")
        .satisfies(ex -> assertThat(ex.allowedFrom()).isNull());
    assertThat(instance.rotator.perform(KeyAction.ROTATE, null, true)).isPresent();
    assertThat(instance.snapshot().generation()).isEqualTo(2);
  }

  @Test
  void rotatesWhenItsPeriodIsOver() {
    Instance instance = instance("AES256_GCM", DAY);
    instance.rotator.open();
    clock.advance(Duration.ofDays(90).minusSeconds(1));
    instance.rotator.refresh();
    assertThat(instance.snapshot().generation()).isEqualTo(1);

    clock.advance(Duration.ofSeconds(1));
    instance.rotator.refresh();
    assertThat(instance.snapshot().generation()).isEqualTo(2);
    assertThat(instance.snapshot().metadata().active().since())
        .isEqualTo(START.plus(Duration.ofDays(90)));
  }

  @Test
  void followsWhatAnotherInstanceWrote() {
    Instance one = instance("AES256_GCM", Duration.ZERO);
    Instance other = instance("AES256_GCM", Duration.ZERO);
    one.rotator.open();
    other.rotator.open();
    one.rotator.perform(KeyAction.ROTATE, null, false);

    other.rotator.refresh();

    assertThat(other.snapshot().metadata()).isEqualTo(one.snapshot().metadata());
  }

  @Test
  void rotatesOnceWhenRequestedSeveralTimesAtOnce() throws Exception {
    List<Instance> instances =
        IntStream.range(0, 16).mapToObj(i -> instance("AES256_GCM", DAY)).toList();
    instances.forEach(each -> each.rotator.open());
    clock.advance(DAY);
    List<Future<Boolean>> outcomes =
        inParallel(
            instances.stream()
                .<Callable<Boolean>>map(
                    each ->
                        () -> {
                          try {
                            each.rotator.perform(KeyAction.ROTATE, null, false);
                            return true;
                          } catch (RotationRefusedException ex) {
                            return false; // came after the rotation: the new spare is too young
                          }
                        })
                .toList());
    assertThat(store.load(ORDERS).orElseThrow().generation()).isEqualTo(2);
    assertThat(outcomes).anySatisfy(outcome -> assertThat(outcome.get()).isTrue());
  }

  @Test
  void recognisesItsOwnWriteWhoseAnswerWasLost() {
    Instance instance = instance("AES256_GCM", Duration.ZERO);
    instance.rotator.open();
    store.lostAnswer = true;
    instance.rotator.perform(KeyAction.ROTATE, null, false);
    assertThat(instance.snapshot().generation()).isEqualTo(2);
    assertThat(store.load(ORDERS).orElseThrow().generation()).isEqualTo(2);
  }

  @Test
  void recognizesItsOwnKeysetWhenTheAnswerWasLost() {
    Instance instance = instance("AES256_GCM", Duration.ZERO);
    store.lostAnswer = true;
    instance.rotator.open();
    assertThat(instance.snapshot().generation()).isEqualTo(1);
    assertThat(store.load(ORDERS).orElseThrow().generation()).isEqualTo(1);
  }

  @Test
  void countsARotationByAnotherInstanceAsTheOneThatWasAskedFor() {
    Instance one = instance("AES256_GCM", Duration.ZERO);
    Instance other = instance("AES256_GCM", Duration.ZERO);
    one.rotator.open();
    other.rotator.open();
    store.beforeSave = () -> other.rotator.perform(KeyAction.ROTATE, null, false);
    one.rotator.perform(KeyAction.ROTATE, null, false);
    assertThat(store.load(ORDERS).orElseThrow().generation()).isEqualTo(2);
    assertThat(one.snapshot().metadata()).isEqualTo(other.snapshot().metadata());
  }

  @Test
  void hasNoProblemLeftWhenAnotherInstanceWasFirstAfterAnOutage() {
    Instance one = instance("AES256_GCM", DAY);
    Instance other = instance("AES256_GCM", DAY);
    one.rotator.open();
    other.rotator.open();
    store.failure = RotatorTests::unavailable;
    one.rotator.refresh();
    assertThat(one.rotator.status().problem()).isNotNull();

    store.failure = null;
    clock.advance(Duration.ofDays(90));
    store.beforeSave = other.rotator::refresh;
    one.rotator.refresh();
    assertThat(one.rotator.status().problem()).isNull();
    assertThat(store.load(ORDERS).orElseThrow().generation()).isEqualTo(2);
  }

  @Test
  void keepsItsKeysWhileTheStoreIsOutAndSaysSo() throws GeneralSecurityException {
    Instance instance = instance("AES256_GCM", Duration.ZERO);
    instance.rotator.open();
    byte[] before = instance.aead().encrypt("before".getBytes(UTF_8), new byte[0]);
    store.failure = RotatorTests::unavailable;
    clock.advance(DAY);

    instance.rotator.refresh();

    KeysetStatus status = instance.rotator.status();
    assertThat(status.problem()).isEqualTo("The store is out. Wait.");
    assertThat(status.freshness()).isEqualTo(new Freshness(Freshness.State.STALE, START, DAY));
    assertThat(instance.aead().decrypt(before, new byte[0])).isEqualTo("before".getBytes(UTF_8));
    assertThatExceptionOfType(StoreUnavailableException.class)
        .isThrownBy(() -> instance.rotator.perform(KeyAction.ROTATE, null, false));

    store.failure = null;
    instance.rotator.refresh();
    assertThat(instance.rotator.status().problem()).isNull();
    assertThat(instance.rotator.status().freshness())
        .isEqualTo(new Freshness(Freshness.State.PROVEN, START.plus(DAY), Duration.ZERO));
  }

  @Test
  void nobodyWaitsForARefreshThatTheStoreHoldsUp() throws Exception {
    Instance instance = instance("AES256_GCM", DAY);
    instance.rotator.open();
    CountDownLatch asked = new CountDownLatch(1);
    CountDownLatch answer = new CountDownLatch(1);
    store.answer =
        () -> {
          asked.countDown();
          try {
            answer.await();
          } catch (InterruptedException ex) {
            throw new IllegalStateException(ex);
          }
          throw unavailable();
        };
    Thread refresh = new Thread(instance.rotator::refresh, "refresh");
    refresh.start();
    asked.await();

    assertTimeoutPreemptively(
        Duration.ofSeconds(30),
        () -> {
          byte[] ciphertext = instance.aead().encrypt("text".getBytes(UTF_8), new byte[0]);
          assertThat(instance.aead().decrypt(ciphertext, new byte[0])).asString().isEqualTo("text");
          assertThat(instance.rotator.status().problem()).isNull();
        });
    answer.countDown();
    refresh.join();
    assertThat(instance.rotator.status().problem()).isNotNull();
  }

  @Test
  void countsTheRotationsThatCouldNotBeWritten() {
    Instance instance = instance("AES256_GCM", Duration.ZERO);
    instance.rotator.open();
    clock.advance(Duration.ofDays(90));
    store.beforeSave =
        () -> {
          throw unavailable();
        };

    instance.rotator.refresh();
    assertThat(instance.rotator.status().counts()).isEqualTo(new KeysetStatus.Counts(0, 1, 0, 1));

    instance.rotator.refresh();
    assertThat(instance.rotator.status().counts()).isEqualTo(new KeysetStatus.Counts(1, 1, 1, 1));
  }

  @Test
  void keepsItsKeysWhenTheStoreGoesBack() {
    Instance instance = instance("AES256_GCM", Duration.ZERO);
    instance.rotator.open();
    Optional<StoredDocument> old = store.load(ORDERS);
    instance.rotator.perform(KeyAction.ROTATE, null, false);
    KeysetSnapshot held = instance.snapshot();

    store.answer = () -> old;
    instance.rotator.refresh();
    assertThat(instance.snapshot()).isSameAs(held);
    assertThat(instance.rotator.status().problem()).contains("rolled back", "DO NOT RESTART");
    assertThat(instance.rotator.status().frozen()).isTrue();
    assertThatExceptionOfType(RotationRefusedException.class)
        .isThrownBy(() -> instance.rotator.perform(KeyAction.ROTATE, null, true))
        .withMessageContaining("rolled back");

    store.answer = Optional::empty;
    instance.rotator.refresh();
    assertThat(instance.snapshot()).isSameAs(held);
    assertThat(instance.rotator.status().problem())
        .startsWith("Keyset orders is gone from memory/latchkey/shop/orders.");
  }

  @Test
  void appliesAChangedTemplateToTheNextSpare() {
    instance("AES256_GCM", Duration.ZERO).rotator.open();
    Instance changed = instance("XCHACHA20_POLY1305", Duration.ZERO);
    changed.rotator.open();
    changed.rotator.perform(KeyAction.ROTATE, null, false);
    assertThat(changed.snapshot().metadata().keys())
        .extracting(KeyMetadata::template)
        .containsExactly("AES256_GCM", "AES256_GCM", "XCHACHA20_POLY1305");
  }

  @Test
  void refusesATemplateWithOtherPrimitives() {
    instance("AES256_GCM", DAY).rotator.open();
    Instance changed = instance("HMAC_SHA256_128BITTAG", DAY);
    assertThatExceptionOfType(LatchkeyException.class)
        .isThrownBy(changed.rotator::open)
        .withMessage(
            "Keyset orders is configured as HMAC_SHA256_128BITTAG, but memory/latchkey/shop/orders holds"
                + " keys of template AES256_GCM, which has other primitives");
    assertThat(store.load(ORDERS).orElseThrow().generation()).isEqualTo(1);
  }

  @Test
  void tellsWhatHappened() {
    Instance one = instance("AES256_GCM", Duration.ZERO);
    Instance other = instance("AES256_GCM", Duration.ZERO);
    one.rotator.open();
    other.rotator.open();
    long first = one.snapshot().metadata().active().id();
    assertThat(one.events).containsExactly(new RotationEvent.KeysetCreated(ORDERS, first));
    assertThat(other.events).isEmpty();

    one.rotator.perform(KeyAction.ROTATE, null, false);
    other.rotator.refresh();
    long second = one.snapshot().metadata().active().id();
    long spare = one.snapshot().metadata().spare().orElseThrow().id();
    assertThat(other.events)
        .containsExactly(
            new RotationEvent.KeysetRotated(ORDERS, second, first),
            new RotationEvent.KeyStateChanged(ORDERS, first, KeyState.ACTIVE, KeyState.RETIRED),
            new RotationEvent.KeyStateChanged(ORDERS, second, KeyState.PENDING, KeyState.ACTIVE),
            new RotationEvent.KeyStateChanged(ORDERS, spare, null, KeyState.PENDING));

    other.events.clear();
    store.failure = RotatorTests::unavailable;
    other.rotator.refresh();
    other.rotator.refresh();
    store.failure = null;
    other.rotator.refresh();
    assertThat(other.events)
        .containsExactly(
            new RotationEvent.KeysetRefreshFailed(ORDERS, "The store is out. Wait."),
            new RotationEvent.KeysetRefreshRecovered(ORDERS));
    assertThat(other.rotator.status().counts()).isEqualTo(new KeysetStatus.Counts(2, 2, 1, 0));
  }

  @Test
  void warnsOfKeysWithoutAnId() {
    Logger logger = (Logger) LoggerFactory.getLogger(RotationEvents.class);
    ListAppender<ILoggingEvent> log = new ListAppender<>();
    log.start();
    logger.addAppender(log);
    try {
      instance("AES256_GCM_RAW", DAY).rotator.open();
    } finally {
      logger.detachAppender(log);
    }
    assertThat(log.list)
        .filteredOn(event -> event.getLevel() == Level.WARN)
        .extracting(ILoggingEvent::getFormattedMessage)
        .containsExactly(
            "Keyset orders: output of AES256_GCM_RAW carries no key id, so that each older key"
                + " slows down every call. It does not rotate automatically; prefer AES256_GCM");
  }

  @Test
  void showsWhatComesNext() {
    Instance instance = instance("AES256_GCM", DAY);
    instance.rotator.open();
    assertThat(instance.rotator.status().next())
        .isEqualTo(
            new NextStep(
                NextStep.Action.PROMOTE,
                instance.snapshot().metadata().spare().orElseThrow().id(),
                START.plus(Duration.ofDays(90)),
                null));
  }

  private Instance instance(String template, Duration propagation) {
    KeysetTemplate known = KeysetTemplate.of(template);
    return new Instance(
        new KeysetDefinition(
            ORDERS,
            known,
            RotationPolicy.of(
                "rotation.",
                RotationPolicy.defaultPeriod(known),
                propagation,
                propagation.isZero() ? propagation : HOUR,
                RotationPolicy.rejectsCompromised(known)),
            true,
            MAX_STALENESS));
  }

  private static <T> List<Future<T>> inParallel(List<Callable<T>> tasks) throws Exception {
    ExecutorService executor = Executors.newFixedThreadPool(tasks.size());
    try {
      List<Future<T>> done = executor.invokeAll(tasks);
      for (Future<T> each : done) {
        each.get();
      }
      return done;
    } finally {
      executor.shutdownNow();
    }
  }

  private static StoreUnavailableException unavailable() {
    return new StoreUnavailableException("The store is out", "Wait.");
  }

  private final class Instance {

    private final KeysetRegistry registry;
    private final Rotator rotator;
    private final List<RotationEvent> events = new ArrayList<>();

    private Instance(KeysetDefinition definition) {
      registry = new KeysetRegistry(Map.of("orders", definition.template().family()));
      rotator = new Rotator(definition, repository, registry, clock, events::add);
    }

    private Aead aead() {
      return registry.primitive("orders", Aead.class);
    }

    private KeysetSnapshot snapshot() {
      return registry.snapshot("orders");
    }

    private List<KeyState> states() {
      return snapshot().metadata().keys().stream().map(KeyMetadata::state).toList();
    }
  }

  /** A store that does what no store should, when a test says so. */
  private static final class TroubledStore implements KeysetStore {

    private final KeysetStore store;
    private @Nullable Supplier<LatchkeyException> failure;
    private @Nullable Supplier<Optional<StoredDocument>> answer;
    private @Nullable Runnable beforeSave;
    private boolean lostAnswer;

    private TroubledStore(KeysetStore store) {
      this.store = store;
    }

    @Override
    public Optional<StoredDocument> load(KeysetId keyset) {
      if (failure != null) {
        throw failure.get();
      }
      return answer != null ? answer.get() : store.load(keyset);
    }

    @Override
    public StoredDocument save(KeysetId keyset, String content, long expectedGeneration) {
      if (failure != null) {
        throw failure.get();
      }
      Runnable first = beforeSave;
      beforeSave = null;
      if (first != null) {
        first.run();
      }
      StoredDocument saved = store.save(keyset, content, expectedGeneration);
      if (lostAnswer) {
        lostAnswer = false;
        throw unavailable();
      }
      return saved;
    }

    @Override
    public String location(KeysetId keyset) {
      return store.location(keyset);
    }
  }
}
