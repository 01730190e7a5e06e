package dev.latchkey.file.internal;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.key.KeyDestruction.Fence;
import dev.latchkey.key.KeysetId;
import dev.latchkey.key.document.KeysetErasure.Erased;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileErasureTests {

  private static final KeysetId ORDERS = new KeysetId("shop", "orders");
  private static final Instant OPENED = Instant.parse("2026-11-25T10:15:30Z");

  @TempDir private Path root;
  private StoreFixture fixture;

  @BeforeEach
  void prepare() throws IOException {
    fixture = StoreFixture.in(root, Clock.fixed(OPENED, ZoneOffset.UTC));
  }

  @Test
  void overwritesTheOldFileWhenAWriteReplacesIt() throws IOException {
    try (FileStore store = fixture.open()) {
      store.keysets().save(ORDERS, "first", 0);
      Path replaced = Files.createLink(root.resolve("replaced"), fixture.storeFile());
      byte[] before = Files.readAllBytes(replaced);

      store.keysets().save(ORDERS, "second", 1);

      assertThat(Files.readAllBytes(replaced)).isEqualTo(new byte[before.length]);
      assertThat(fixture.directory().resolve("store.old")).doesNotExist();
      assertThat(store.keysets().load(ORDERS).orElseThrow().content()).isEqualTo("second");
    }
  }

  @Test
  void reportsEvidenceAndRemainingRiskWhenErased() throws IOException {
    try (FileStore store = fixture.open()) {
      store.keysets().save(ORDERS, "first", 0);
      Path replaced = Files.createLink(root.resolve("replaced"), fixture.storeFile());

      Erased erased = store.erasure().erase(ORDERS, new Fence(1, ""), false);

      assertThat(erased.evidence())
          .containsExactly(
              fixture.storeFile() + " was rewritten and read back.",
              "Every file that it replaced since the store was opened (%s) was overwritten with zeros, synced and removed."
                  .formatted(OPENED));
      assertThat(erased.beyondReach())
          .anyMatch(line -> line.startsWith("files replaced before " + OPENED))
          .anyMatch(line -> line.contains("backups"))
          .anyMatch(line -> line.contains("copy-on-write, journals, spare flash cells"))
          .anyMatch(line -> line.contains("swap"));
      assertThat(Files.readAllBytes(replaced)).containsOnly(0);
      assertThat(store.keysets().load(ORDERS).orElseThrow().content()).isEqualTo("first");
    }
  }

  @Test
  void reportsFilesThatCouldNotBeOverwrittenWhenErased() throws IOException {
    try (FileStore store = fixture.open()) {
      store.keysets().save(ORDERS, "first", 0);
      // a directory in the way is as good as a file system without hard links
      Path obstacle = Files.createDirectories(fixture.directory().resolve("store.old/in-the-way"));

      assertThat(store.erasure().erase(ORDERS, new Fence(1, ""), false).evidence())
          .contains(notAllOverwritten());
      Files.delete(obstacle);
      Files.delete(obstacle.getParent());
    }
  }

  @Test
  void reportsAnEarlierFailureWhenErasedLater() throws IOException {
    try (FileStore store = fixture.open();
        FileStore shared = fixture.open()) {
      store.keysets().save(ORDERS, "first", 0);
      Path obstacle = Files.createDirectories(fixture.directory().resolve("store.old/in-the-way"));
      store.keysets().save(ORDERS, "second", 1);
      Files.delete(obstacle);
      Files.delete(obstacle.getParent());
      store.keysets().save(ORDERS, "third", 2);

      assertThat(store.erasure().erase(ORDERS, new Fence(1, ""), false).evidence())
          .contains(notAllOverwritten());
      assertThat(shared.erasure().erase(ORDERS, new Fence(1, ""), false).evidence())
          .contains(notAllOverwritten());
    }
  }

  private String notAllOverwritten() {
    return "The files that it replaced are removed, but not all of them could be overwritten first since the store was opened (%s): the file system did not allow it."
        .formatted(OPENED);
  }

  @Test
  void overwritesTheOldFileWhenACrashLeftIt() throws IOException {
    fixture.make();
    Path left = Files.writeString(fixture.directory().resolve("store.old"), "what was there");
    Path same = Files.createLink(root.resolve("same"), left);

    fixture.open().close();

    assertThat(left).doesNotExist();
    assertThat(Files.readString(same, US_ASCII)).isEqualTo("\0".repeat("what was there".length()));
  }

  @Test
  void keepsTheStoreWhenACrashPrecededTheReplacement() throws IOException {
    fixture.make();
    Path link = Files.createLink(fixture.directory().resolve("store.old"), fixture.storeFile());

    try (FileStore store = fixture.open()) {
      assertThat(store.secrets().read("secret/orders-db", null)).isPresent();
    }
    assertThat(link).doesNotExist();
  }
}
