package dev.latchkey.key.rotation.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.google.crypto.tink.Aead;
import dev.latchkey.LatchkeyException;
import dev.latchkey.key.KeysetId;
import dev.latchkey.key.KeysetTemplate;
import dev.latchkey.key.document.KeysetStore;
import dev.latchkey.key.document.StoredDocument;
import dev.latchkey.key.document.internal.KeysetRepository;
import dev.latchkey.key.document.internal.UsageTotals;
import dev.latchkey.key.live.internal.KeysetRegistry;
import dev.latchkey.key.rotation.KeyAction;
import dev.latchkey.key.rotation.KeysetStatus;
import dev.latchkey.key.rotation.RotationEvent;
import dev.latchkey.key.rotation.RotationPolicy;
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
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class SharedUsageTests {

  private static final KeysetId ORDERS = new KeysetId("shop", "orders");

  private final MutableClock clock = new MutableClock(Instant.parse("2026-01-01T00:00:00Z"));
  private final MemoryKeysetStore counters = new MemoryKeysetStore(clock);
  private final UsageTotals totals = new UsageTotals(counters);
  private final KeysetRepository repository =
      new KeysetRepository(new MemoryKeysetStore(clock), new MemoryKeyEncryptionKeys())
          .countingIn(totals);

  @Test
  void addsTheUsesOfAllInstances() throws GeneralSecurityException {
    Instance one = new Instance(true);
    Instance other = new Instance(true);
    assertThat(one.rotator.status().activeKeyTotal()).isEmpty();
    one.use(3);
    other.use(4);

    one.rotator.shareUsage();
    other.rotator.shareUsage();

    assertThat(other.rotator.status().activeKeyTotal()).hasValue(7);
    one.use(1);
    assertThat(one.rotator.status().activeKeyTotal()).hasValue(4);
    one.rotator.shareUsage();
    assertThat(one.rotator.status().activeKeyTotal()).hasValue(8);
  }

  @Test
  void writesNothingAtRestButLearnsWhatOthersUsed() throws GeneralSecurityException {
    Instance idle = new Instance(true);
    idle.rotator.shareUsage();
    Instance busy = new Instance(true);
    busy.use(4);
    busy.rotator.shareUsage();
    long generation = counters.load(ORDERS).orElseThrow().generation();

    idle.rotator.shareUsage();

    assertThat(idle.rotator.status().activeKeyTotal()).hasValue(4);
    assertThat(counters.load(ORDERS).orElseThrow().generation()).isEqualTo(generation);
  }

  @Test
  void rotatesWhenAllInstancesReachedHalfOfTheLimit() throws GeneralSecurityException {
    Instance one = new Instance(true);
    Instance other = new Instance(true);
    one.use(4);
    other.use(1);
    one.rotator.shareUsage();
    one.rotator.refresh();
    assertThat(one.generation()).isEqualTo(1);

    other.rotator.shareUsage();
    other.rotator.refresh();

    assertThat(other.generation()).isEqualTo(2);
  }

  @Test
  void sharesAtARefreshWhatACrashMustNotLose() throws GeneralSecurityException {
    Instance one = new Instance(6400, Duration.ZERO);
    one.rotator.shareUsage();

    one.use(99);
    one.rotator.refresh();
    assertThat(new Instance(6400, Duration.ZERO).totalAfterSharing()).isZero();

    one.use(1);
    one.rotator.refresh();
    assertThat(new Instance(6400, Duration.ZERO).totalAfterSharing()).isEqualTo(100);
  }

  @Test
  void createsNoCounterWhenItMayNot() throws GeneralSecurityException {
    new Instance(true);
    Instance one = new Instance(false);
    one.use(3);
    one.rotator.shareUsage();
    assertThat(counters.load(ORDERS)).isEmpty();
    assertThat(one.rotator.status().activeKeyTotal()).isEmpty();

    counters.save(ORDERS, "{\"format\":1,\"protectedCounts\":{}}", 0); // as an operator makes it
    one.rotator.shareUsage();
    assertThat(one.rotator.status().activeKeyTotal()).hasValue(3);
  }

  @Test
  void losesNoCountWhenManyInstancesAddAtOnce() throws Exception {
    ExecutorService executor = Executors.newFixedThreadPool(8);
    try {
      List<Callable<Optional<Map<Long, Long>>>> tasks = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        tasks.add(() -> totals.add(ORDERS, Map.of(1L, 5L, 2L, 1L), true));
      }
      for (Future<Optional<Map<Long, Long>>> each : executor.invokeAll(tasks)) {
        each.get();
      }
    } finally {
      executor.shutdownNow();
    }
    assertThat(totals.add(ORDERS, Map.of(), false)).hasValue(Map.of(1L, 40L, 2L, 8L));
  }

  @Test
  void nobodyWhoAsksWaitsForTheStore() throws Exception {
    CountDownLatch asked = new CountDownLatch(1);
    CountDownLatch answer = new CountDownLatch(1);
    KeysetStore slow =
        new KeysetStore() {
          @Override
          public Optional<StoredDocument> load(KeysetId keyset) {
            asked.countDown();
            try {
              answer.await();
            } catch (InterruptedException ex) {
              throw new IllegalStateException(ex);
            }
            return Optional.empty();
          }

          @Override
          public StoredDocument save(KeysetId keyset, String content, long expectedGeneration) {
            return counters.save(keyset, content, expectedGeneration);
          }

          @Override
          public String location(KeysetId keyset) {
            return counters.location(keyset);
          }
        };
    Instance one =
        new Instance(
            true,
            new KeysetRepository(new MemoryKeysetStore(clock), new MemoryKeyEncryptionKeys())
                .countingIn(new UsageTotals(slow)));
    one.use(3);
    ExecutorService executor = Executors.newFixedThreadPool(2);
    try {
      Future<?> sharing = executor.submit(one.rotator::shareUsage);
      asked.await();
      Future<KeysetStatus> status = executor.submit(one.rotator::status);
      assertThat(status.get(30, TimeUnit.SECONDS).activeKeyTotal()).isEmpty();
      answer.countDown();
      sharing.get();
      assertThat(one.rotator.status().activeKeyTotal()).hasValue(3);
    } finally {
      executor.shutdownNow();
    }
  }

  @Test
  void overwritesNothingThatIsNoCounter() {
    counters.save(ORDERS, "something else", 0);
    assertThatExceptionOfType(LatchkeyException.class)
        .isThrownBy(() -> totals.add(ORDERS, Map.of(1L, 1L), true))
        .withMessage(
            "memory/latchkey/shop/orders is not a usage counter that this version of Latchkey can"
                + " read");
    assertThat(counters.load(ORDERS).orElseThrow().content()).isEqualTo("something else");
  }

  @Test
  void reportsARateThatCannotBeKeptBelowTheLimitOnceAndWithAdvice() {
    ListAppender<ILoggingEvent> log = new ListAppender<>();
    log.start();
    Logger logger = (Logger) LoggerFactory.getLogger(RotationEvents.class);
    logger.addAppender(log);
    try {
      Instance one = new Instance(4_000_000L, Duration.ofDays(1));
      long active = one.registry.snapshot("orders").metadata().active().id();
      RotationEvent wearsOut =
          new RotationEvent.KeyUsageLimitApproaching(ORDERS, active, 200_000, 4_000_000);
      counters.save(
          ORDERS, "{\"format\":1,\"protectedCounts\":{\"%d\":200000}}".formatted(active), 0);
      clock.advance(Duration.ofDays(3)); // as many again in the day that a spare takes: no danger
      one.rotator.shareUsage();
      assertThat(one.events).doesNotContain(wearsOut);

      Instance late = new Instance(4_000_000L, Duration.ofDays(60));
      late.rotator.shareUsage();
      late.rotator.shareUsage();
      assertThat(late.events).containsOnlyOnce(wearsOut);

      late.rotator.perform(KeyAction.ROTATE, null, true);
      long next = late.registry.snapshot("orders").metadata().active().id();
      counters.save(
          ORDERS, "{\"format\":1,\"protectedCounts\":{\"%d\":200000}}".formatted(next), 1);
      late.rotator.shareUsage();
      late.rotator.shareUsage();
      assertThat(late.events)
          .as("of the next key, too")
          .containsOnlyOnce(
              new RotationEvent.KeyUsageLimitApproaching(ORDERS, next, 200_000, 4_000_000));
    } finally {
      logger.detachAppender(log);
    }
    assertThat(log.list)
        .extracting(ILoggingEvent::getFormattedMessage)
        .filteredOn(it -> it.contains("XAES_256_GCM_192_BIT_NONCE"))
        .hasSize(2);
  }

  private final class Instance {

    private final KeysetTemplate template = KeysetTemplate.of("AES256_GCM");
    private final KeysetRegistry registry = new KeysetRegistry(Map.of("orders", template.family()));
    private final List<RotationEvent> events = new ArrayList<>();
    private final Rotator rotator;

    private Instance(boolean createIfAbsent) {
      this(createIfAbsent, repository);
    }

    private Instance(boolean createIfAbsent, KeysetRepository repository) {
      this(createIfAbsent, repository, 10L, Duration.ZERO);
    }

    private Instance(long maxOperations, Duration propagation) {
      this(true, repository, maxOperations, propagation);
    }

    private Instance(
        boolean createIfAbsent,
        KeysetRepository repository,
        long maxOperations,
        Duration propagation) {
      rotator =
          new Rotator(
              new KeysetDefinition(
                  ORDERS,
                  template,
                  RotationPolicy.of("rotation.", null, propagation, Duration.ZERO, false)
                      .withMaxOperations(maxOperations),
                  createIfAbsent,
                  Duration.ofHours(12)),
              repository,
              registry,
              clock,
              events::add);
      rotator.open();
    }

    private void use(int times) throws GeneralSecurityException {
      Aead aead = registry.primitive("orders", Aead.class);
      for (int i = 0; i < times; i++) {
        aead.encrypt(new byte[3], new byte[0]);
      }
    }

    private long totalAfterSharing() {
      rotator.shareUsage();
      return rotator.status().activeKeyTotal().orElseThrow();
    }

    private long generation() {
      return registry.snapshot("orders").generation();
    }
  }
}
