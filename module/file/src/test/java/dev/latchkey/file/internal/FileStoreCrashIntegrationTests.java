package dev.latchkey.file.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.key.document.StoredDocument;
import dev.latchkey.secret.SecretValue;
import dev.latchkey.test.internal.ClassArchive;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Kills a process that writes to two stores at once, again and again, at any point of its start or
 * of a write. How often a store must have been killed is {@code -Dlatchkey.crash.kills=}; the
 * profile {@code thorough} wants 10,000.
 */
class FileStoreCrashIntegrationTests {

  private static final int KILLS = Integer.getInteger("latchkey.crash.kills", 500);
  private static final int LANES = 2;
  private static final int STORES = 2;
  private static final int KILLS_BEFORE_NEW_STORES = 10;
  private static final int MAX_WRITES = 10;
  private static final int START_MICROS = 300_000;

  private final AtomicInteger kills = new AtomicInteger();
  private final AtomicInteger halfWritten = new AtomicInteger();
  private ClassArchive archive;

  @Test
  void keepsEveryConfirmedWriteWhenKilledAtAnyTime(@TempDir Path root) throws Exception {
    archive = StoreProcess.archive(Files.createDirectory(root.resolve("archive")));
    ExecutorService executor = Executors.newFixedThreadPool(LANES);
    try {
      List<Callable<@Nullable Void>> lanes = new ArrayList<>();
      for (int lane = 0; lane < LANES; lane++) {
        Path ofLane = Files.createDirectory(root.resolve("lane" + lane));
        long seed = System.nanoTime() + lane;
        lanes.add(() -> killAgainAndAgain(ofLane, new Random(seed)));
      }
      for (Future<@Nullable Void> lane : executor.invokeAll(lanes)) {
        lane.get();
      }
    } finally {
      executor.shutdownNow();
    }
    assertThat(kills).as("kills after the first write").hasValueGreaterThanOrEqualTo(KILLS);
    assertThat(halfWritten).as("kills that left half a write").hasValueGreaterThan(KILLS / 20);
  }

  private @Nullable Void killAgainAndAgain(Path lane, Random random) throws Exception {
    List<Store> stores = List.of();
    for (int kill = 0; kills.get() < KILLS; kill++) {
      if (kill % KILLS_BEFORE_NEW_STORES == 0) {
        stores = new ArrayList<>();
        for (int number = 0; number < STORES; number++) {
          Path root = Files.createDirectory(lane.resolve("store%d.%d".formatted(kill, number)));
          stores.add(new Store(root));
        }
      }
      killOnce(stores, random);
    }
    return null;
  }

  private void killOnce(List<Store> stores, Random random) throws Exception {
    List<Path> roots = stores.stream().map(store -> store.root).toList();
    try (StoreProcess process = StoreProcess.start(archive, "write", roots)) {
      boolean started = random.nextInt(10) > 0;
      if (started) {
        for (int line = 1 + random.nextInt(MAX_WRITES); line >= 0; line--) {
          confirm(stores, process.readLine());
        }
        for (Store store : stores) {
          assertNothingIsOpenToOthers(store.root);
        }
        process.letRun(random.nextInt(3_000));
      } else {
        process.letRun(random.nextInt(START_MICROS));
      }
      process.kill();
      for (String line = process.readLine(); line != null; line = process.readLine()) {
        confirm(stores, line);
      }
      kills.addAndGet(started ? stores.size() : 0);
    }
    for (Store store : stores) {
      assertNothingIsOpenToOthers(store.root);
      if (Files.exists(store.root.resolve("project/.latchkey/store.tmp"))) {
        halfWritten.incrementAndGet();
      }
      store.held = assertHolds(StoreFixture.in(store.root), store.held, store.confirmed);
    }
  }

  private static void confirm(List<Store> stores, @Nullable String line) {
    assertThat(line).isNotNull();
    if (!line.equals("open")) {
      String[] numberAndGeneration = line.split(" ");
      stores.get(Integer.parseInt(numberAndGeneration[0])).confirmed =
          Long.parseLong(numberAndGeneration[1]);
    }
  }

  /** Returns the generation that the store holds. */
  private static long assertHolds(StoreFixture fixture, long held, long confirmed)
      throws IOException {
    try (FileStore store = fixture.open()) {
      StoredDocument document = store.keysets().load(StoreProgram.KEYSET).orElse(null);
      SecretValue secret = store.secrets().read(StoreProgram.SECRET, null).orElse(null);
      long generation = document == null ? 0 : document.generation();
      long version = secret == null ? 0 : secret.version();

      long newest = Math.max(held, confirmed);
      assertThat(generation).isBetween(newest, newest + 1);
      assertThat(version).isBetween(Math.max(confirmed, generation - 1), generation);
      if (document != null) {
        assertThat(document.content()).isEqualTo(StoreProgram.content(generation));
      }
      if (secret != null) {
        assertThat(secret.values()).isEqualTo(Map.of("password", StoreProgram.content(version)));
      }
      assertThat(fixture.directory().resolve("store.tmp")).doesNotExist();
      return generation;
    }
  }

  private static void assertNothingIsOpenToOthers(Path root) throws IOException {
    Path config = root.resolve("home/.config");
    for (Path directory :
        List.of(root.resolve("project/.latchkey"), config, config.resolve("latchkey"))) {
      if (Files.exists(directory)) {
        assertIsNotOpenToOthers(directory);
        try (Stream<Path> files = Files.list(directory)) {
          for (Path file : files.toList()) {
            assertIsNotOpenToOthers(file);
          }
        }
      }
    }
  }

  private static void assertIsNotOpenToOthers(Path path) throws IOException {
    try {
      assertThat(OwnerOnly.isOpenToOthers(path)).as("%s is open to others", path).isFalse();
    } catch (NoSuchFileException ex) {
      assertThat(path.getFileName().toString())
          .as("only what a write makes and removes goes")
          .isIn("store.tmp", "store.old");
    }
  }

  /** What is known of a store. */
  private static final class Store {

    private final Path root;
    private long confirmed;
    private long held;

    private Store(Path root) {
      this.root = root;
    }
  }
}
