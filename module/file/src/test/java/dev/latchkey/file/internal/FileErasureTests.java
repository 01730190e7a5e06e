package dev.latchkey.file.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.key.KeyDestruction.Fence;
import dev.latchkey.key.KeysetId;
import dev.latchkey.key.document.KeysetErasure.Erased;
import java.io.IOException;
import java.io.InputStream;
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
      try (InputStream replaced = Files.newInputStream(fixture.storeFile())) {
        long size = Files.size(fixture.storeFile());

        store.keysets().save(ORDERS, "second", 1);

        assertThat(replaced.readAllBytes()).isEqualTo(new byte[Math.toIntExact(size)]);
      }
      assertThat(fixture.directory().resolve("store.old")).doesNotExist();
      assertThat(store.keysets().load(ORDERS).orElseThrow().content()).isEqualTo("second");
    }
  }

  @Test
  void reportsEvidenceAndRemainingRiskWhenErased() throws IOException {
    try (FileStore store = fixture.open()) {
      store.keysets().save(ORDERS, "first", 0);
      Erased erased;
      try (InputStream replaced = Files.newInputStream(fixture.storeFile())) {
        erased = store.erasure().erase(ORDERS, new Fence(1, ""), false);
        assertThat(replaced.readAllBytes()).isNotEmpty().containsOnly(0);
      }

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
    try (InputStream same = Files.newInputStream(left)) {
      fixture.open().close();

      assertThat(same.readAllBytes()).isEqualTo(new byte["what was there".length()]);
    }
    assertThat(left).doesNotExist();
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
