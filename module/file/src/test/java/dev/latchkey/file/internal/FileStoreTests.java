package dev.latchkey.file.internal;

import static dev.latchkey.file.internal.StoreFixture.chmod;
import static dev.latchkey.file.internal.StoreFixture.mode;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latchkey.LatchkeyException;
import dev.latchkey.StoreUnavailableException;
import dev.latchkey.key.KeysetId;
import dev.latchkey.key.document.StoredDocument;
import dev.latchkey.secret.SecretValue;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileStoreTests {

  private static final KeysetId ORDERS = new KeysetId("shop", "orders");
  private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");

  private StoreFixture fixture;

  @BeforeEach
  void prepare(@TempDir Path root) throws IOException {
    fixture = StoreFixture.in(root);
  }

  @Test
  void restrictsFilesToTheirOwnerWhenCreatingAStore() throws IOException {
    fixture.make();

    assertThat(mode(fixture.directory())).isEqualTo("rwx------");
    assertThat(fixture.directory())
        .isDirectoryContaining(file -> file.endsWith(".gitignore"))
        .isDirectoryContaining(file -> file.endsWith("store"))
        .isDirectoryContaining(file -> file.endsWith("lock"));
    try (Stream<Path> files = Files.list(fixture.directory())) {
      assertThat(files)
          .hasSize(3)
          .allSatisfy(file -> assertThat(mode(file)).isEqualTo("rw-------"));
    }
    assertThat(mode(fixture.key())).isEqualTo("rw-------");
    assertThat(mode(fixture.host().home().resolve(".config/latchkey"))).isEqualTo("rwx------");
    assertThat(mode(fixture.host().home().resolve(".config"))).isEqualTo("rwx------");
  }

  @Test
  void ignoresItsFilesInGitWhenCreatingAStore() throws IOException {
    fixture.make();

    assertThat(fixture.directory().resolve(".gitignore")).hasContent("*\n");
  }

  @Test
  void keepsItsContentsWhenOpenedAgain() {
    StoredDocument saved;
    try (FileStore store = fixture.open()) {
      saved = store.keysets().save(ORDERS, "content", 0);
      store.secrets().write("secret/orders-db", Map.of("rate", "1.10"), 0);
    }

    try (FileStore store = fixture.open()) {
      assertThat(store.keysets().load(ORDERS))
          .get()
          .returns("content", StoredDocument::content)
          .returns(1L, StoredDocument::generation)
          .returns(saved.createdAt(), StoredDocument::createdAt);
      assertThat(store.secrets().read("secret/orders-db", null))
          .map(SecretValue::values)
          .contains(Map.of("rate", "1.10"));
    }
  }

  @Test
  void decryptsWithTheSameKeyEncryptionKeyWhenOpenedAgain() throws Exception {
    byte[] ciphertext;
    try (FileStore store = fixture.open()) {
      ciphertext = store.keyEncryptionKeys().forKeyset(ORDERS).encrypt(new byte[] {1}, new byte[0]);
    }

    try (FileStore store = fixture.open()) {
      assertThat(store.keyEncryptionKeys().forKeyset(ORDERS).decrypt(ciphertext, new byte[0]))
          .containsExactly(1);
    }
  }

  @Test
  void keepsItsContentsWhenTheDirectoryIsMoved() throws IOException {
    String location;
    try (FileStore store = fixture.open()) {
      store.keysets().save(ORDERS, "content", 0);
      location = store.keysets().location(ORDERS);
    }
    Path elsewhere = fixture.root().resolve("elsewhere");
    Files.move(fixture.directory(), elsewhere);

    try (FileStore store = fixture.open(elsewhere, null, fixture.host())) {
      assertThat(store.keysets().load(ORDERS)).get().returns("content", StoredDocument::content);
      assertThat(store.keysets().location(ORDERS)).isEqualTo(location);
    }
  }

  @Test
  void encryptsEverythingWhenWriting() throws IOException {
    try (FileStore store = fixture.open()) {
      store.keysets().save(new KeysetId("canary-owner", "canary-name"), "canary-content", 0);
      store.secrets().write("secret/canary-path", Map.of("canary-field", "canary-value"), 0);
      String key = Files.readString(fixture.key()).strip();

      try (Stream<Path> files = Files.list(fixture.directory())) {
        assertThat(files)
            .allSatisfy(
                file ->
                    assertThat(Files.readString(file, StandardCharsets.ISO_8859_1))
                        .doesNotContain("canary", key));
      }
      assertThat(Stream.of(store, store.secrets().description(), fixture.host()))
          .allSatisfy(it -> assertThat(it.toString()).doesNotContain("canary", key));
    }
  }

  @Test
  void tellsNoEarlierTimeWhenTheClockIsSetBack() {
    try (FileStore store = openAt(NOON)) {
      store.keysets().save(ORDERS, "first", 0);
    }

    try (FileStore store = openAt(NOON.minusSeconds(60))) {
      assertThat(store.keysets().load(ORDERS)).get().returns(NOON, StoredDocument::readAt);
      assertThat(store.keysets().save(ORDERS, "second", 1))
          .returns(NOON, StoredDocument::createdAt);
    }
    try (FileStore store = openAt(NOON.plusSeconds(60))) {
      assertThat(store.keysets().load(ORDERS))
          .get()
          .returns(NOON, StoredDocument::createdAt)
          .returns(NOON.plusSeconds(60), StoredDocument::readAt);
    }
  }

  @Test
  void keepsTenVersionsWhenASecretHasMore() {
    try (FileStore store = fixture.open()) {
      for (int version = 0; version < 12; version++) {
        store.secrets().write("secret/orders-db", Map.of("password", "v" + version), version);
      }

      assertThat(store.secrets().read("secret/orders-db", 3L)).isPresent();
      assertThatThrownBy(() -> store.secrets().read("secret/orders-db", 2L))
          .isInstanceOfSatisfying(
              LatchkeyException.class, ex -> assertThat(ex.action()).contains("from 3 to 12"))
          .hasMessageContaining("secret/orders-db has no version 2");
    }
  }

  @Test
  void deletesTemporaryFilesWhenACrashLeftThem() throws IOException {
    fixture.make();
    Path left = Files.writeString(fixture.directory().resolve("store.tmp"), "half a st");

    try (FileStore store = fixture.open()) {
      assertThat(store.secrets().read("secret/orders-db", null)).isPresent();
      assertThat(left).doesNotExist();
    }
  }

  @Test
  void opensWhenACrashCameBeforeTheFirstDocument() throws IOException {
    Files.createDirectory(fixture.directory());
    chmod(fixture.directory(), "rwx------");
    Files.writeString(fixture.directory().resolve(".gitignore"), "*\n");
    Files.createFile(fixture.directory().resolve("lock"));
    Files.createFile(fixture.directory().resolve("store.tmp"));

    fixture.make();

    assertThat(fixture.storeFile()).isNotEmptyFile();
  }

  @Test
  void sharesOneLockWhenOpenedTwiceInOneProcess() {
    FileStore first = fixture.open();
    FileStore second = fixture.open();

    first.keysets().save(ORDERS, "by the first", 0);
    second.keysets().save(ORDERS, "by the second", 1);
    assertThat(first.keysets().load(ORDERS))
        .get()
        .returns("by the second", StoredDocument::content);

    first.close();
    first.close();
    assertThat(second.keysets().save(ORDERS, "still open", 2).generation()).isEqualTo(3);
    second.close();
  }

  @Test
  void answersNothingWhenClosed() {
    FileStore store = fixture.open();
    store.close();

    assertThatThrownBy(() -> store.keysets().load(ORDERS))
        .isInstanceOf(StoreUnavailableException.class)
        .hasMessageContaining("is closed");
    assertThatThrownBy(() -> store.keysets().save(ORDERS, "late", 0))
        .isInstanceOf(StoreUnavailableException.class);
  }

  private FileStore openAt(Instant time) {
    return FileStore.open(
        Path.of(".latchkey"), null, fixture.host(), Clock.fixed(time, ZoneOffset.UTC));
  }
}
