package dev.latchkey.autoconfigure.key;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import com.google.crypto.tink.Aead;
import dev.latchkey.follow.internal.Followers;
import dev.latchkey.follow.internal.Pacing;
import dev.latchkey.key.KeysetId;
import dev.latchkey.key.KeysetTemplate;
import dev.latchkey.key.PrimitiveFamily;
import dev.latchkey.key.document.KeysetStore;
import dev.latchkey.key.document.StoredDocument;
import dev.latchkey.key.document.internal.KeysetRepository;
import dev.latchkey.key.document.internal.PublicHalves;
import dev.latchkey.key.document.internal.UsageTotals;
import dev.latchkey.key.live.internal.KeysetRegistry;
import dev.latchkey.key.rotation.RotationPolicy;
import dev.latchkey.key.rotation.internal.KeysetDefinition;
import dev.latchkey.key.rotation.internal.RotationService;
import dev.latchkey.key.rotation.internal.Rotator;
import dev.latchkey.memory.internal.MemoryKeyEncryptionKeys;
import dev.latchkey.memory.internal.MemoryKeysetStore;
import dev.latchkey.test.MutableClock;
import java.security.GeneralSecurityException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RefreshScheduleTests {

  private static final KeysetId ORDERS = new KeysetId("shop", "orders");

  private static final Duration INTERVAL = Duration.ofSeconds(60);

  private final Followers followers = new Followers(Clock.systemUTC());

  @AfterEach
  void close() {
    followers.close();
  }

  @Test
  void stopsImmediatelyWhenTasksAreDueLater() {
    RotationService rotation = new RotationService(new KeysetRegistry(Map.of()), List.of());
    RefreshSchedule schedule =
        new RefreshSchedule(
            rotation, followers, Duration.ofHours(1), Duration.ofHours(1), Duration.ofMinutes(5));
    schedule.start();

    assertTimeoutPreemptively(Duration.ofMinutes(1), () -> schedule.stop());

    assertThat(schedule.isRunning()).isFalse();
  }

  @Test
  void continuesWhenATaskThrows() {
    AtomicInteger loads = new AtomicInteger();
    KeysetRegistry registry = new KeysetRegistry(Map.of("orders", PrimitiveFamily.AEAD));
    RotationService rotation =
        opened(
            registry,
            watched(
                () -> {
                  if (loads.incrementAndGet() > 1) {
                    throw new NoClassDefFoundError("spoilt");
                  }
                }));

    RefreshSchedule schedule = schedule(rotation, Duration.ofMillis(10), Duration.ofHours(1));
    schedule.start();

    await().until(() -> loads.get() > 3);
    schedule.stop();
  }

  @Test
  void refreshesAKeysetWhenTheStoreOfAnotherDoesNotAnswer() {
    CountDownLatch release = new CountDownLatch(1);
    AtomicInteger loads = new AtomicInteger();
    AtomicBoolean slow = new AtomicBoolean();
    KeysetRegistry registry =
        new KeysetRegistry(
            Map.of("orders", PrimitiveFamily.AEAD, "invoices", PrimitiveFamily.AEAD));
    Rotator orders =
        rotator(
            "orders",
            registry,
            watched(
                () -> {
                  if (slow.get()) {
                    awaitRelease(release);
                  }
                }));
    Rotator invoices = rotator("invoices", registry, watched(loads::incrementAndGet));
    slow.set(true);
    loads.set(0);
    RefreshSchedule schedule =
        schedule(
            new RotationService(registry, List.of(orders, invoices)),
            Duration.ofMillis(10),
            Duration.ofHours(1));

    schedule.start();

    await().until(() -> loads.get() > 3);
    release.countDown();
    schedule.stop();
  }

  private static void awaitRelease(CountDownLatch release) {
    try {
      release.await();
    } catch (InterruptedException ex) {
      Thread.currentThread().interrupt();
    }
  }

  private static Rotator rotator(
      String name, KeysetRegistry registry, KeysetRepository repository) {
    return rotator(
        new KeysetId("shop", name), "AES256_GCM", registry, repository, Clock.systemUTC());
  }

  @Test
  void sharesUsageWhileTheApplicationRunsAndWhenItStops() throws Exception {
    MemoryKeysetStore counters = new MemoryKeysetStore(Clock.systemUTC());
    KeysetRegistry registry = new KeysetRegistry(Map.of("orders", PrimitiveFamily.AEAD));
    RotationService rotation =
        opened(
            registry,
            new KeysetRepository(
                    new MemoryKeysetStore(Clock.systemUTC()), new MemoryKeyEncryptionKeys())
                .countingIn(new UsageTotals(counters)));
    Aead aead = registry.primitive("orders", Aead.class);
    long active = registry.snapshot("orders").metadata().active().id();

    RefreshSchedule often = schedule(rotation, Duration.ofHours(1), Duration.ofMillis(10));
    aead.encrypt(new byte[1], new byte[0]);
    often.start();
    assertTimeoutPreemptively(
        Duration.ofMinutes(1),
        () -> {
          while (total(counters, active) != 1) {
            Thread.onSpinWait();
          }
        });
    often.stop();

    RefreshSchedule seldom = schedule(rotation, Duration.ofHours(1), Duration.ofHours(1));
    seldom.start();
    aead.encrypt(new byte[1], new byte[0]);
    seldom.stop();
    assertThat(total(counters, active)).isEqualTo(2);
  }

  @Test
  void sharesUsageWhenAnHourHasPassed() {
    assertThat(RefreshSchedule.USAGE_INTERVAL).isEqualTo(Duration.ofHours(1));
    assertThat(RefreshSchedule.FIRST_USAGE).isLessThan(Duration.ofMinutes(1));
  }

  @Test
  void learnsTheUsageOfEarlierRunsSoonAfterStartup() throws Exception {
    MemoryKeysetStore counters = new MemoryKeysetStore(Clock.systemUTC());
    KeysetRepository repository =
        new KeysetRepository(
                new MemoryKeysetStore(Clock.systemUTC()), new MemoryKeyEncryptionKeys())
            .countingIn(new UsageTotals(counters));
    KeysetRegistry first = new KeysetRegistry(Map.of("orders", PrimitiveFamily.AEAD));
    RefreshSchedule earlier =
        schedule(opened(first, repository), Duration.ofHours(1), Duration.ofHours(1));
    earlier.start();
    first.primitive("orders", Aead.class).encrypt(new byte[1], new byte[0]);
    earlier.stop();

    RotationService rotation =
        opened(new KeysetRegistry(Map.of("orders", PrimitiveFamily.AEAD)), repository);
    RefreshSchedule schedule = schedule(rotation, Duration.ofHours(1), Duration.ofHours(1));
    schedule.start();
    try {
      await()
          .atMost(Duration.ofMinutes(1))
          .until(() -> rotation.keyset("orders").orElseThrow().activeKeyTotal().orElse(0) == 1);
    } finally {
      schedule.stop();
    }
  }

  @Test
  void refreshesOnItsOwnThreadWhenAKeyIsUnknown() {
    List<String> askedBy = new CopyOnWriteArrayList<>();
    KeysetRegistry registry = new KeysetRegistry(Map.of("orders", PrimitiveFamily.AEAD));
    RotationService rotation =
        opened(registry, watched(() -> askedBy.add(Thread.currentThread().getName())));
    askedBy.clear();
    RefreshSchedule schedule = schedule(rotation, Duration.ofHours(1), Duration.ofHours(1));
    schedule.start();
    byte[] forged = new byte[40];
    forged[0] = 1;

    assertThatExceptionOfType(GeneralSecurityException.class)
        .isThrownBy(() -> registry.primitive("orders", Aead.class).decrypt(forged, new byte[0]));

    await().until(() -> !askedBy.isEmpty());
    schedule.stop();
    assertThat(askedBy).singleElement().asString().startsWith("latchkey-follow-");
  }

  @Test
  void readsHardlyMoreOftenWhenAKeysetHasAPublicHalf() {
    MutableClock clock = new MutableClock(Instant.parse("2026-01-01T00:00:00Z"));
    AtomicInteger requests = new AtomicInteger();
    KeysetRepository repository =
        new KeysetRepository(
                watched(new MemoryKeysetStore(clock), requests::incrementAndGet),
                new MemoryKeyEncryptionKeys())
            .publishingIn(
                new PublicHalves(watched(new MemoryKeysetStore(clock), requests::incrementAndGet)));
    RotationService rotation =
        opened(
            new KeysetRegistry(Map.of("orders", PrimitiveFamily.SIGNATURE)),
            "ED25519",
            repository,
            clock);
    requests.set(0);
    Random random = new Random(1);
    Instant end = clock.instant().plus(Duration.ofHours(100));

    while (clock.instant().isBefore(end)) {
      clock.advance(new Pacing(random).jittered(INTERVAL));
      rotation.refresh();
    }

    System.out.printf("A keyset with a public half: %d requests in 100 h%n", requests.get());
    assertThat(requests).hasValueBetween(7_150, 7_350);
  }

  private RefreshSchedule schedule(
      RotationService rotation, Duration interval, Duration usageInterval) {
    return new RefreshSchedule(rotation, followers, interval, usageInterval, Duration.ofMinutes(1));
  }

  /** On a store that runs {@code beforeLoad} whenever it is asked. */
  private static KeysetRepository watched(Runnable beforeLoad) {
    return new KeysetRepository(
        watched(new MemoryKeysetStore(Clock.systemUTC()), beforeLoad),
        new MemoryKeyEncryptionKeys());
  }

  private static KeysetStore watched(KeysetStore store, Runnable beforeLoad) {
    return new KeysetStore() {
      @Override
      public Optional<StoredDocument> load(KeysetId keyset) {
        beforeLoad.run();
        return store.load(keyset);
      }

      @Override
      public StoredDocument save(KeysetId keyset, String content, long expected) {
        return store.save(keyset, content, expected);
      }

      @Override
      public String location(KeysetId keyset) {
        return store.location(keyset);
      }
    };
  }

  /** One keyset, whose rotator has opened it. */
  private static RotationService opened(KeysetRegistry registry, KeysetRepository repository) {
    return opened(registry, "AES256_GCM", repository, Clock.systemUTC());
  }

  private static RotationService opened(
      KeysetRegistry registry, String template, KeysetRepository repository, Clock clock) {
    return new RotationService(
        registry, List.of(rotator(ORDERS, template, registry, repository, clock)));
  }

  private static Rotator rotator(
      KeysetId id,
      String template,
      KeysetRegistry registry,
      KeysetRepository repository,
      Clock clock) {
    Rotator rotator =
        new Rotator(
            new KeysetDefinition(
                id,
                KeysetTemplate.of(template),
                RotationPolicy.of("rotation.", null, Duration.ZERO, Duration.ZERO, false),
                true,
                null),
            repository,
            registry,
            clock,
            event -> {});
    rotator.open();
    return rotator;
  }

  private static long total(MemoryKeysetStore counters, long key) {
    return new UsageTotals(counters)
        .add(ORDERS, Map.of(), false)
        .map(totals -> totals.getOrDefault(key, 0L))
        .orElse(0L);
  }

  @Test
  void shortensAnIntervalByAFifthAtMostWhenScheduling() {
    Random random = new Random(1);

    assertThat(Stream.generate(() -> new Pacing(random).jittered(INTERVAL)).limit(10_000))
        .allMatch(it -> it.compareTo(INTERVAL) <= 0 && it.compareTo(Duration.ofSeconds(48)) >= 0)
        .anyMatch(it -> it.compareTo(Duration.ofSeconds(49)) < 0)
        .anyMatch(it -> it.compareTo(Duration.ofSeconds(59)) > 0);
  }

  @Test
  void spreadsPollsWhenTenThousandInstancesStartTogether() {
    int instances = 10_000;
    Duration length = Duration.ofHours(1);
    Random random = new Random(1);
    int[] polls = new int[(int) length.toSeconds()];
    for (int instance = 0; instance < instances; instance++) {
      Duration at = new Pacing(random).jittered(INTERVAL);
      for (; at.compareTo(length) < 0; at = at.plus(new Pacing(random).jittered(INTERVAL))) {
        polls[(int) at.toSeconds()]++;
      }
    }

    int[] settled = Arrays.copyOfRange(polls, 1_800, polls.length);
    double mean = Arrays.stream(settled).average().orElseThrow();
    System.out.printf(
        "10,000 instances: %.0f polls a second, at most %d after a common start, %d after half an"
            + " hour%n",
        mean, Arrays.stream(polls).max().orElseThrow(), Arrays.stream(settled).max().orElseThrow());
    assertThat(mean).isBetween(184.0, 187.0);
    assertThat(Arrays.stream(polls).max().orElseThrow()).isLessThanOrEqualTo(900);
    assertThat(Arrays.stream(settled).max().orElseThrow()).isLessThanOrEqualTo(260);
  }
}
