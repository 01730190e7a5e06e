package dev.latchkey.store.file;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.keyset.StoredDocument;
import dev.latchkey.secret.SecretData;
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
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Kills a process that writes, again and again, at any point of its start or of a write. The number
 * of kills is {@code -Dlatchkey.crash.kills=}, 60 by default, or as many as three a second allow.
 */
class FileStoreCrashIntegrationTests {

  private static final int KILLS = Integer.getInteger("latchkey.crash.kills", 60);
  private static final int LANES = 2;
  private static final int KILLS_BEFORE_A_NEW_STORE = 10;
  private static final int MAX_WRITES = 20;
  private static final int START_MICROS = 500_000;

  @Test
  void opensAndHoldsEveryConfirmedWriteWheneverItWasKilled(@TempDir Path root) throws Exception {
    ExecutorService executor = Executors.newFixedThreadPool(LANES);
    try {
      List<Callable<Integer>> lanes = new ArrayList<>();
      for (int lane = 0; lane < LANES; lane++) {
        Path ofLane = Files.createDirectory(root.resolve("lane" + lane));
        long seed = System.nanoTime() + lane;
        lanes.add(() -> killAgainAndAgain(ofLane, new Random(seed)));
      }
      int writes = 0;
      for (Future<Integer> lane : executor.invokeAll(lanes)) {
        writes += lane.get();
      }
      assertThat(writes).as("writes between the kills").isPositive();
    } finally {
      executor.shutdownNow();
    }
  }

  private static int killAgainAndAgain(Path lane, Random random) throws Exception {
    int writes = 0;
    long held = 0;
    Path root = lane;
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(KILLS / 3);
    for (int kill = 0; kill < KILLS / LANES && System.nanoTime() < end; kill++) {
      if (kill % KILLS_BEFORE_A_NEW_STORE == 0) {
        root = Files.createDirectory(lane.resolve("store" + kill));
        held = 0;
      }
      long before = held;
      held = killOnce(root, random, held);
      writes += (int) (held - before);
    }
    return writes;
  }

  /** Returns the generation that the store holds afterwards. */
  private static long killOnce(Path root, Random random, long held) throws Exception {
    long confirmed = 0;
    try (StoreProcess process = StoreProcess.start(root, "write")) {
      if (random.nextInt(4) == 0) {
        process.letRun(random.nextInt(START_MICROS));
      } else {
        int writes = 1 + random.nextInt(MAX_WRITES);
        for (int line = 0; line < writes; line++) {
          confirmed = Math.max(confirmed, generation(process.readLine()));
          assertNothingIsOpenToOthers(root);
        }
        process.letRun(random.nextInt(3_000));
      }
      process.kill();
      for (String line = process.readLine(); line != null; line = process.readLine()) {
        confirmed = Math.max(confirmed, generation(line));
      }
    }
    assertNothingIsOpenToOthers(root);
    return assertHolds(StoreFixture.in(root), held, confirmed);
  }

  private static long assertHolds(StoreFixture fixture, long held, long confirmed)
      throws IOException {
    try (FileStore store = fixture.open()) {
      StoredDocument document = store.keysets().load(StoreProgram.KEYSET).orElse(null);
      SecretData secret = store.secrets().read(StoreProgram.SECRET, null).orElse(null);
      long generation = document == null ? 0 : document.generation();
      long version = secret == null ? 0 : secret.version();

      long newest = Math.max(held, confirmed);
      assertThat(generation).isBetween(newest, newest + 1);
      assertThat(version).isBetween(Math.max(confirmed, generation - 1), generation);
      if (document != null) {
        assertThat(document.content()).isEqualTo(StoreProgram.content(generation));
      }
      if (secret != null) {
        assertThat(secret.fields()).isEqualTo(Map.of("password", StoreProgram.content(version)));
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
      assertThat(path).as("only the temporary file goes").hasFileName("store.tmp");
    }
  }

  private static long generation(@Nullable String line) {
    assertThat(line).isNotNull();
    return line == null || line.equals("open") ? 0 : Long.parseLong(line);
  }
}
