package dev.latchkey.key.rotation.internal;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import com.google.crypto.tink.Aead;
import com.google.crypto.tink.StreamingAead;
import dev.latchkey.StoreUnavailableException;
import dev.latchkey.key.KeyUsage;
import dev.latchkey.key.KeysetId;
import dev.latchkey.key.KeysetTemplate;
import dev.latchkey.key.document.KeysetStore;
import dev.latchkey.key.document.StoredDocument;
import dev.latchkey.key.document.internal.KeysetRepository;
import dev.latchkey.key.live.internal.KeysetRegistry;
import dev.latchkey.key.rotation.KeyAction;
import dev.latchkey.key.rotation.RotationPolicy;
import dev.latchkey.memory.internal.MemoryKeyEncryptionKeys;
import dev.latchkey.memory.internal.MemoryKeysetStore;
import dev.latchkey.test.MutableClock;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionService;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class UnknownKeyTests {

  private static final Duration INTERVAL = Duration.ofSeconds(60);
  private static final byte[] TEXT = "text".getBytes(UTF_8);
  private static final byte[] NONE = new byte[0];

  private final MutableClock clock = new MutableClock(Instant.parse("2026-01-01T00:00:00Z"));
  private final CountingStore store = new CountingStore(new MemoryKeysetStore(clock));
  private final KeysetRepository repository =
      new KeysetRepository(store, new MemoryKeyEncryptionKeys());
  private final Instance one = new Instance("orders", "AES256_GCM");
  private final Instance other = new Instance("orders", "AES256_GCM");

  @Test
  void processThatMissedARotationHealsOnItsFirstCall() throws GeneralSecurityException {
    clock.advance(Duration.ofHours(1));
    byte[] unknown = encryptedByAKeyThatOtherDoesNotKnow();

    assertThat(other.aead().decrypt(unknown, NONE)).isEqualTo(TEXT);
    assertThat(other.aead().decrypt(unknown, NONE)).isEqualTo(TEXT);
    assertThat(other.usage().processedCount()).isEqualTo(1);
  }

  @Test
  void forgedIdsCostTheStoreNothing() {
    int before = store.loads.get();
    for (int i = 0; i < 10_000; i++) {
      byte[] forged = new byte[40];
      forged[0] = 1;
      forged[3] = (byte) (i >> 8);
      forged[4] = (byte) i;
      assertThatExceptionOfType(GeneralSecurityException.class)
          .isThrownBy(() -> other.aead().decrypt(forged, NONE));
    }
    assertThat(store.loads.get() - before).isEqualTo(1);
  }

  @Test
  void freshInstanceFailsAtOnceAndFollowsInTheBackground() throws GeneralSecurityException {
    other.refreshThread = task -> other.queued = task;
    byte[] unknown = encryptedByAKeyThatOtherDoesNotKnow();

    assertThatExceptionOfType(GeneralSecurityException.class)
        .isThrownBy(() -> other.aead().decrypt(unknown, NONE));
    other.queued.run();
    assertThat(other.aead().decrypt(unknown, NONE)).isEqualTo(TEXT);
  }

  @Test
  void asksOnTheRefreshThreadWhetherTheCallerWaitsOrNot() throws Exception {
    ExecutorService thread = Executors.newSingleThreadExecutor(task -> new Thread(task, "refresh"));
    other.refreshThread = thread;
    try {
      clock.advance(Duration.ofHours(1));
      byte[] unknown = encryptedByAKeyThatOtherDoesNotKnow();
      store.askedBy.clear();
      assertThat(other.aead().decrypt(unknown, NONE)).as("waits").isEqualTo(TEXT);

      clock.advance(Duration.ofSeconds(10)); // fresh, and as long as lies between two refreshes
      byte[] forged = unknown.clone();
      forged[1] ^= 1;
      assertThatExceptionOfType(GeneralSecurityException.class)
          .as("does not wait")
          .isThrownBy(() -> other.aead().decrypt(forged, NONE));
      thread.shutdown();
      assertThat(thread.awaitTermination(1, TimeUnit.MINUTES)).isTrue();
    } finally {
      thread.shutdownNow();
    }
    assertThat(store.askedBy).containsExactly("refresh", "refresh");
  }

  @Test
  void doesNotWaitWhenOnlyTheProofIsOld() throws GeneralSecurityException {
    clock.advance(Duration.ofMinutes(9));
    store.provedUntil = clock.instant().minus(Duration.ofMinutes(9));
    other.rotator.refresh();
    byte[] unknown = encryptedByAKeyThatOtherDoesNotKnow();

    assertThatExceptionOfType(GeneralSecurityException.class)
        .isThrownBy(() -> other.aead().decrypt(unknown, NONE));
  }

  @Test
  void waitsOnlyWhenTwoRefreshesWereMissed() throws GeneralSecurityException {
    Instance late = new Instance("orders", "AES256_GCM");
    byte[] unknown = encryptedByAKeyThatOtherDoesNotKnow();
    clock.advance(INTERVAL.multipliedBy(2));
    assertThatExceptionOfType(GeneralSecurityException.class)
        .isThrownBy(() -> other.aead().decrypt(unknown, NONE));

    clock.advance(Duration.ofMillis(1));
    assertThat(late.aead().decrypt(unknown, NONE)).isEqualTo(TEXT);
  }

  @Test
  void doesNotWaitWhenTheLastRefreshFailed() throws GeneralSecurityException {
    byte[] unknown = encryptedByAKeyThatOtherDoesNotKnow();
    store.available = false;
    clock.advance(INTERVAL.multipliedBy(3));
    other.rotator.refresh();
    store.available = true;

    clock.advance(INTERVAL);
    assertThatExceptionOfType(GeneralSecurityException.class)
        .as("no second attempt, although the refresh that it asked for has succeeded")
        .isThrownBy(() -> other.aead().decrypt(unknown, NONE));
    assertThat(other.aead().decrypt(unknown, NONE)).isEqualTo(TEXT);
  }

  @Test
  void atMostEightCallersWait() throws Exception {
    CountDownLatch released = new CountDownLatch(1);
    ExecutorService refreshThread = Executors.newSingleThreadExecutor();
    ExecutorService callers = Executors.newFixedThreadPool(20);
    try {
      clock.advance(Duration.ofHours(1));
      RefreshOnDemand onDemand =
          new RefreshOnDemand(other.rotator, refreshThread, INTERVAL, clock, Duration.ofMinutes(5));
      refreshThread.submit(() -> released.await(5, TimeUnit.MINUTES));
      CompletionService<Boolean> waits = new ExecutorCompletionService<>(callers);
      for (int i = 0; i < 20; i++) {
        waits.submit(onDemand::await);
      }

      for (int i = 0; i < 12; i++) {
        assertThat(waits.take().get()).isFalse();
      }
      assertThat(waits.poll()).isNull();
      released.countDown();
      for (int i = 0; i < 8; i++) {
        assertThat(waits.take().get()).isTrue();
      }
    } finally {
      refreshThread.shutdownNow();
      callers.shutdownNow();
    }
  }

  @Test
  void waitsNoLongerThanItsPatienceForTheRefreshThread() throws GeneralSecurityException {
    clock.advance(Duration.ofHours(1));
    byte[] unknown = encryptedByAKeyThatOtherDoesNotKnow();
    other.refreshThread = task -> {}; // never gets to it

    assertTimeoutPreemptively(
        Duration.ofSeconds(30),
        () ->
            assertThatExceptionOfType(GeneralSecurityException.class)
                .isThrownBy(() -> other.aead().decrypt(unknown, NONE)));
  }

  @Test
  void failsAsEverWhileTheApplicationStops() throws GeneralSecurityException {
    clock.advance(Duration.ofHours(1));
    byte[] unknown = encryptedByAKeyThatOtherDoesNotKnow();
    other.refreshThread =
        task -> {
          throw new RejectedExecutionException();
        };

    assertThatExceptionOfType(GeneralSecurityException.class)
        .isThrownBy(() -> other.aead().decrypt(unknown, NONE));
  }

  @Test
  void asksAgainOnlyAfterAWhile() {
    byte[] forged = new byte[40];
    forged[0] = 1;
    int before = store.loads.get();
    for (int i = 0; i < 3; i++) {
      assertThatExceptionOfType(GeneralSecurityException.class)
          .isThrownBy(() -> other.aead().decrypt(forged, NONE));
      clock.advance(Duration.ofSeconds(9));
    }
    assertThat(store.loads.get() - before).isEqualTo(2);
  }

  @Test
  void requestsNoRefreshWhenDamagedDataNamesAKnownKey() throws GeneralSecurityException {
    byte[] ciphertext = other.aead().encrypt(TEXT, NONE);
    ciphertext[ciphertext.length - 1] ^= 1;
    int before = store.loads.get();
    assertThatExceptionOfType(GeneralSecurityException.class)
        .isThrownBy(() -> other.aead().decrypt(ciphertext, NONE));
    assertThat(store.loads.get()).isEqualTo(before);
  }

  @Test
  void requestsNoRefreshAndCountsNothingWhenKeysHaveNoId() throws Exception {
    Instance raw = new Instance("raw", "AES256_GCM_RAW");
    Instance streaming = new Instance("files", "AES256_GCM_HKDF_4KB");
    StreamingAead stream = streaming.registry.primitive("files", StreamingAead.class);
    byte[] ciphertext = raw.aead().encrypt(TEXT, NONE);
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    try (OutputStream encrypting = stream.newEncryptingStream(file, NONE)) {
      encrypting.write(TEXT);
    }
    clock.advance(Duration.ofHours(1)); // a key with an id would be waited for now
    int before = store.loads.get();

    for (byte first : new byte[] {ciphertext[0], 1}) {
      byte[] forged = ciphertext.clone();
      forged[0] = first;
      forged[forged.length - 1] ^= 1;
      assertThatExceptionOfType(GeneralSecurityException.class)
          .isThrownBy(() -> raw.aead().decrypt(forged, NONE));
    }
    byte[] forged = file.toByteArray();
    forged[forged.length - 1] ^= 1;
    assertThatExceptionOfType(IOException.class).isThrownBy(() -> decrypted(stream, forged));
    assertThat(raw.aead().decrypt(ciphertext, NONE)).isEqualTo(TEXT);
    assertThat(decrypted(stream, file.toByteArray())).isEqualTo(TEXT);

    assertThat(store.loads.get()).isEqualTo(before);
    for (Instance each : List.of(raw, streaming)) {
      assertThat(each.usage().protectedCount()).isEqualTo(1);
      assertThat(each.usage().processedCount()).isZero();
    }
  }

  private static byte[] decrypted(StreamingAead stream, byte[] ciphertext) throws Exception {
    try (InputStream decrypting =
        stream.newDecryptingStream(new ByteArrayInputStream(ciphertext), NONE)) {
      return decrypting.readAllBytes();
    }
  }

  /** Two rotations: the first promotes the spare that the other knows. */
  private byte[] encryptedByAKeyThatOtherDoesNotKnow() throws GeneralSecurityException {
    one.rotator.perform(KeyAction.ROTATE, null, false);
    one.rotator.perform(KeyAction.ROTATE, null, false);
    return one.aead().encrypt(TEXT, NONE);
  }

  private final class Instance {

    private final String name;
    private final KeysetRegistry registry;
    private final Rotator rotator;
    private Executor refreshThread = Runnable::run;
    private Runnable queued = () -> {};

    private Instance(String name, String template) {
      KeysetTemplate known = KeysetTemplate.of(template);
      this.name = name;
      this.registry = new KeysetRegistry(Map.of(name, known.family()));
      this.rotator =
          new Rotator(
              new KeysetDefinition(
                  new KeysetId("shop", name),
                  known,
                  RotationPolicy.of("rotation.", null, Duration.ZERO, Duration.ZERO, false),
                  true,
                  Duration.ofHours(12)),
              repository,
              registry,
              clock,
              event -> {});
      rotator.open();
      new RotationService(registry, List.of(rotator))
          .refreshOnUnknownKey(task -> refreshThread.execute(task), INTERVAL, clock);
    }

    private Aead aead() {
      return registry.primitive(name, Aead.class);
    }

    private KeyUsage usage() {
      long active = registry.snapshot(name).metadata().active().id();
      return registry.usage(name).usage().get(active);
    }
  }

  private static final class CountingStore implements KeysetStore {

    private final KeysetStore store;
    private final AtomicInteger loads = new AtomicInteger();
    private final List<String> askedBy = new CopyOnWriteArrayList<>();
    private @Nullable Instant provedUntil;
    private boolean available = true;

    private CountingStore(KeysetStore store) {
      this.store = store;
    }

    @Override
    public Optional<StoredDocument> load(KeysetId keyset) {
      loads.incrementAndGet();
      askedBy.add(Thread.currentThread().getName());
      if (!available) {
        throw new StoreUnavailableException("The store is unavailable", "Start it.");
      }
      return store.load(keyset).map(this::provedUntil);
    }

    private StoredDocument provedUntil(StoredDocument stored) {
      return provedUntil == null
          ? stored
          : new StoredDocument(
              stored.content(),
              stored.generation(),
              stored.createdAt(),
              stored.readAt(),
              provedUntil);
    }

    @Override
    public StoredDocument save(KeysetId keyset, String content, long expectedGeneration) {
      return store.save(keyset, content, expectedGeneration);
    }

    @Override
    public String location(KeysetId keyset) {
      return store.location(keyset);
    }
  }
}
