package dev.latchkey.file.internal;

import static dev.latchkey.file.internal.StoreFixture.chmod;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latchkey.LatchkeyException;
import dev.latchkey.StoreUnavailableException;
import dev.latchkey.key.KeysetId;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the embedded store refuses, with which text, and that it changes nothing then. */
class FileStoreRefusalTests {

  private static final KeysetId ORDERS = new KeysetId("shop", "orders");

  private StoreFixture fixture;

  @BeforeEach
  void prepare(@TempDir Path root) throws IOException {
    fixture = StoreFixture.in(root);
  }

  @Test
  void failsWhenTheStoreIsACopyInAnotherHome() throws IOException {
    fixture.make();
    Path otherHome = Files.createDirectory(fixture.root().resolve("other-home"));
    Path copy = otherHome.resolve("copy");
    copy(fixture.directory(), copy);

    refuses(
        () -> fixture.open(copy, null, new Host(Map.of(), otherHome, otherHome)),
        "The embedded store at %s cannot be opened: its key is not at %s"
            .formatted(
                copy, otherHome.resolve(".config/latchkey").resolve(fixture.key().getFileName())),
        "Restore the key file");
    assertThat(otherHome.resolve(".config")).doesNotExist();
    assertThat(copy.resolve("store")).hasSameBinaryContentAs(fixture.storeFile());
  }

  @Test
  void failsWhenTheKeyIsAnother() throws IOException {
    fixture.make();
    byte[] held = Files.readAllBytes(fixture.storeFile());
    Files.write(fixture.key(), StoreKey.random().encoded());
    byte[] key = Files.readAllBytes(fixture.key());

    refuses(fixture::open, "was created with key", "latchkey.store.file.key");
    assertThat(fixture.storeFile()).hasBinaryContent(held);
    assertThat(fixture.key()).hasBinaryContent(key);
  }

  @Test
  void failsWhenTheKeyFileHasNoKey() throws IOException {
    fixture.make();
    for (String content : new String[] {"", "\n", "c2hvcnQ=", "not Base64 at all: canary"}) {
      Files.writeString(fixture.key(), content);

      refuses(
          fixture::open, "Key file %s does not contain a key".formatted(fixture.key()), "openssl");
      assertThat(fixture.key()).hasContent(content);
    }
  }

  @Test
  void failsWhenOthersCanReadTheKeyFile() throws IOException {
    fixture.make();
    for (String mode : new String[] {"rw-r-----", "rw----r--", "rw-rw-rw-"}) {
      chmod(fixture.key(), mode);

      refuses(
          fixture::open,
          "Key file %s is accessible to other users (mode %s)".formatted(fixture.key(), mode),
          "chmod 600 " + fixture.key());
    }
  }

  @Test
  void failsWhenAFileOfTheStoreIsALink() throws IOException {
    fixture.make();
    Path elsewhere = fixture.root().resolve("elsewhere");
    for (String name : List.of("store", "lock")) {
      Path file = fixture.directory().resolve(name);
      Files.move(file, elsewhere);
      byte[] content = Files.readAllBytes(elsewhere);
      Files.createSymbolicLink(file, elsewhere);

      refuses(fixture::open, file + " is a link, or not a regular file", "Move the file itself");
      assertThat(elsewhere).hasBinaryContent(content);
      Files.delete(file);
      Files.move(elsewhere, file);
    }
  }

  @Test
  void overwritesNothingThroughALink() throws IOException {
    fixture.make();
    Path elsewhere = Files.writeString(fixture.root().resolve("elsewhere"), "precious");
    Path old = fixture.directory().resolve("store.old");

    Files.createSymbolicLink(old, elsewhere);
    fixture.open().close();
    assertThat(elsewhere).hasContent("precious");
    assertThat(old).doesNotExist();

    Files.createLink(old, elsewhere);
    fixture.open().close();
    assertThat(elsewhere).hasContent("precious");
    assertThat(old).doesNotExist();
  }

  @Test
  void keepsABackupThatIsMadeOfHardLinks() throws IOException {
    fixture.make();
    Path backup = Files.createDirectory(fixture.root().resolve("backup"));
    for (String name : List.of("store", "lock")) {
      Files.createLink(backup.resolve(name), fixture.directory().resolve(name));
    }
    byte[] store = Files.readAllBytes(backup.resolve("store"));
    byte[] lock = Files.readAllBytes(backup.resolve("lock"));

    try (FileStore opened = fixture.open()) {
      opened.keysets().save(ORDERS, "document", 0);
    }

    assertThat(backup.resolve("store")).hasBinaryContent(store);
    assertThat(backup.resolve("lock")).hasBinaryContent(lock);
    assertThat(fixture.directory().resolve("store.old")).doesNotExist();
  }

  @Test
  void failsWhenTheLockWasRemoved() throws IOException {
    try (FileStore opened = fixture.open()) {
      Files.delete(fixture.directory().resolve("lock"));

      refuses(
          () -> opened.keysets().save(ORDERS, "document", 0),
          "The lock of the embedded store at %s was removed or replaced"
              .formatted(fixture.directory()),
          "Restart this application");
    }
  }

  @Test
  void leavesNoPartOfAKeyFileThatCannotBeWritten() throws IOException {
    Path parent = Files.createDirectory(fixture.root().resolve("keys"));
    Path file = parent.resolve("key");
    OwnerOnly.createFile(file, new byte[] {1});

    assertThatThrownBy(() -> OwnerOnly.createFile(file, new byte[] {2}))
        .isInstanceOf(FileAlreadyExistsException.class);

    assertThat(file).hasBinaryContent(new byte[] {1});
    try (Stream<Path> files = Files.list(parent)) {
      assertThat(files).containsExactly(file);
    }
  }

  @Test
  void acceptsAKeyFileThatIsMountedForTheGroupOfTheProcess() {
    Set<String> groups = Set.of("1000", "2000");
    assertThat(OwnerOnly.isMountedForGroup(0, "2000", "r--r-----", 1000, groups)).isTrue();
    assertThat(OwnerOnly.isMountedForGroup(0, "2000", "rw-r-----", 1000, groups)).isTrue();

    assertThat(OwnerOnly.isMountedForGroup(0, "3000", "r--r-----", 1000, groups)).isFalse();
    assertThat(OwnerOnly.isMountedForGroup(500, "2000", "r--r-----", 1000, groups)).isFalse();
    assertThat(OwnerOnly.isMountedForGroup(0, "2000", "r--rw----", 1000, groups)).isFalse();
    assertThat(OwnerOnly.isMountedForGroup(0, "2000", "r--r--r--", 1000, groups)).isFalse();
    assertThat(OwnerOnly.isMountedForGroup(0, "2000", "r--r-----", 0, groups)).isFalse();
  }

  @Test
  void failsWhenTheKeyFileIsInsideTheStore() throws IOException {
    Path directory = fixture.root().resolve("store");
    Path key = directory.resolve("key");

    refuses(
        () -> fixture.open(directory, key, fixture.host()),
        "must not be inside the store: " + key,
        "Move it out of " + directory);
    Files.createSymbolicLink(fixture.root().resolve("link"), directory);
    refuses(
        () -> fixture.open(directory, fixture.root().resolve("link/key"), fixture.host()),
        "must not be inside the store",
        "Move it out of " + directory);
    refuses(
        () -> fixture.open(directory, null, new Host(Map.of(), directory, fixture.root())),
        "must not be inside the store",
        "Move it out of " + directory);
    assertThat(directory.resolve("store")).doesNotExist();
  }

  @Test
  void failsWhenTheConfiguredKeyFileIsInTheWorkingDirectory() {
    Path key = fixture.host().workingDirectory().resolve("config/latchkey.key");

    refuses(
        () -> fixture.open(key),
        "The key file %s (latchkey.store.file.key) is in the working directory".formatted(key),
        "Move it");
    assertThat(fixture.storeFile()).doesNotExist();
  }

  @Test
  void failsWhenTheConfiguredKeyFileIsInAGitWorkTree() throws IOException {
    Path tree = Files.createDirectories(fixture.root().resolve("tree/sub"));
    Path key = tree.resolve("latchkey.key");
    Files.createFile(fixture.root().resolve("tree/.git"));

    refuses(
        () -> fixture.open(key),
        "is in the Git work tree " + fixture.root().resolve("tree"),
        "Move it");
    assertThat(key).doesNotExist();
  }

  @Test
  void takesAGivenKeyWhenTheWorkingDirectoryIsTheRoot() throws IOException {
    Path key = Files.createDirectory(fixture.root().resolve("etc")).resolve("latchkey.key");
    Host host = new Host(Map.of(), fixture.host().home(), Path.of("/"));

    fixture.open(fixture.directory(), key, host).close();

    assertThat(StoreFixture.mode(key)).isEqualTo("rw-------");
    assertThat(fixture.host().home()).isEmptyDirectory();
  }

  @Test
  void failsWhenTheDirectoryOfTheConfiguredKeyFileDoesNotExist() {
    Path key = fixture.root().resolve("not-mounted/latchkey.key");

    refuses(
        () -> fixture.open(key),
        "Key file %s cannot be created: no such file".formatted(key),
        "latchkey.store.file.key");
    assertThat(key.getParent()).doesNotExist();
    assertThat(fixture.storeFile()).doesNotExist();
  }

  @Test
  void keepsTheConfiguredKeyFileWhenItExists() throws IOException {
    Path key = fixture.root().resolve("latchkey.key");
    OwnerOnly.createFile(key, StoreKey.random().encoded());
    byte[] content = Files.readAllBytes(key);

    fixture.open(key).close();
    fixture.open(key).close();

    assertThat(key).hasBinaryContent(content);
    refuses(fixture::open, "its key is not at", "Restore the key file");
  }

  @Test
  void usesTheSystemdCredentialWhenItExists() throws IOException {
    Path credentials = Files.createDirectory(fixture.root().resolve("credentials"));
    Host host =
        new Host(
            Map.of("CREDENTIALS_DIRECTORY", credentials.toString()),
            fixture.host().home(),
            fixture.host().workingDirectory());
    Path credential = credentials.resolve("latchkey");
    OwnerOnly.createFile(credential, StoreKey.random().encoded());
    chmod(credential, "r--r-----");

    fixture.open(fixture.directory(), null, host).close();
    assertThat(fixture.host().home()).isEmptyDirectory();

    chmod(credential, "r--r--r--");
    refuses(
        () -> fixture.open(fixture.directory(), null, host),
        "Key file %s is accessible to other users".formatted(credential),
        "chmod");
    Files.delete(credential);
    refuses(
        () -> fixture.open(fixture.directory(), null, host),
        "its key is not at " + fixture.host().home(),
        "Restore the key file");
  }

  @Test
  void refusesWhenTheUserHasNoHome() {
    refuses(
        () ->
            fixture.open(
                fixture.directory(), null, new Host(Map.of(), Path.of("?"), fixture.root())),
        "the user has no home directory",
        "Set latchkey.store.file.key");
  }

  @Test
  void failsWhenOthersCanEnterTheDirectory() throws IOException {
    fixture.make();
    for (String mode : new String[] {"rwxr-x---", "rwx-----x", "rwxrwxrwx"}) {
      chmod(fixture.directory(), mode);

      refuses(
          fixture::open,
          "%s has mode %s".formatted(fixture.directory(), mode),
          "chmod -R go-rwx " + fixture.directory());
    }
  }

  @Test
  void failsWhenOthersCanReadTheStoreFile() throws IOException {
    fixture.make();
    chmod(fixture.storeFile(), "rw-r--r--");

    refuses(
        fixture::open,
        "%s has mode rw-r--r--".formatted(fixture.storeFile()),
        "chmod -R go-rwx " + fixture.directory());
  }

  @Test
  void failsWhenTheDirectoryCannotBeCreated() throws IOException {
    Path file = Files.createFile(fixture.root().resolve("file"));

    refuses(
        () -> fixture.open(file, null, fixture.host()),
        file + " is not a directory",
        "Set latchkey");
    refuses(
        () -> fixture.open(file.resolve("store"), null, fixture.host()),
        "The embedded store's directory %s is not writable".formatted(file.resolve("store")),
        "latchkey.store.file.directory");
  }

  @Test
  void failsWhenTheDirectoryIsNotWritable() {
    Path linux = Path.of("/sys/kernel"); // which even root cannot write
    Path system = Files.isDirectory(linux) ? linux : Path.of("/System");

    refuses(
        () -> fixture.open(system.resolve("latchkey"), null, fixture.host()),
        "The embedded store's directory %s is not writable: ".formatted(system.resolve("latchkey")),
        "Make it writable by the application's user");
  }

  @Test
  void failsWhenTheDirectoryContainsOtherFiles() throws IOException {
    Path directory = fixture.root().resolve("documents");
    OwnerOnly.createDirectories(directory);
    Files.createFile(directory.resolve("letter.txt"));

    refuses(
        () -> fixture.open(directory, null, fixture.host()),
        "%s contains files but no embedded store, such as 'letter.txt'".formatted(directory),
        "a directory that does not exist, is empty or contains a store");
    assertThat(directory).isDirectoryNotContaining(file -> !file.endsWith("letter.txt"));
  }

  @Test
  void failsWhenTheStoreFileIsEmpty() throws IOException {
    refusesContent(new byte[0], "is empty");
  }

  @Test
  void failsWhenTheStoreFileIsForeign() throws IOException {
    refusesContent("{\"hello\": \"world\"}\n".getBytes(), "is not an embedded store of Latchkey");
    refusesContent(new byte[4096], "is not an embedded store of Latchkey");
  }

  @Test
  void failsWhenTheStoreFileHasALaterFormat() throws IOException {
    refusesContent(
        "latchkey-store/2 more of it\n".getBytes(),
        "has a format that this version of Latchkey does not support");
  }

  @Test
  void failsWhenTheStoreFileIsTruncated() throws IOException {
    fixture.make();
    byte[] whole = Files.readAllBytes(fixture.storeFile());

    for (int length = 1; length < whole.length; length += 7) {
      refusesContent(Arrays.copyOf(whole, length), " ");
    }
    refusesContent(Arrays.copyOf(whole, whole.length - 1), "is damaged");
  }

  @Test
  void failsWhenAnyByteOfTheStoreFileIsChanged() throws IOException {
    fixture.make();
    byte[] whole = Files.readAllBytes(fixture.storeFile());

    for (int position = 0; position < whole.length; position++) {
      byte[] changed = whole.clone();
      changed[position] ^= 1;
      refusesContent(changed, null);
    }
  }

  @Test
  void failsWhenTheFileBelongsToAnotherStore() throws IOException {
    fixture.make();
    StoreFixture other = StoreFixture.in(Files.createDirectory(fixture.root().resolve("other")));
    other.make();

    refusesContent(Files.readAllBytes(other.storeFile()), "its key is not at");
  }

  @Test
  void failsWhenAnOlderGenerationReplacesTheFileWhileOpen() throws IOException {
    try (FileStore store = fixture.open()) {
      store.keysets().save(ORDERS, "first", 0);
      byte[] older = Files.readAllBytes(fixture.storeFile());
      store.keysets().save(ORDERS, "second", 1);
      Files.write(fixture.storeFile(), older);

      refuses(
          () -> store.keysets().load(ORDERS),
          "was replaced by another or an older one while it was open",
          "Restore an earlier copy");
      refuses(
          () -> store.keysets().save(ORDERS, "third", 1),
          "was replaced",
          "Restore an earlier copy");
      assertThat(fixture.storeFile()).hasBinaryContent(older);
    }
  }

  @Test
  void doesNotCallADocumentAbsentWhenTheStoreFileIsGone() throws IOException {
    try (FileStore store = fixture.open()) {
      store.keysets().save(ORDERS, "first", 0);
      Files.delete(fixture.storeFile());

      assertThatThrownBy(() -> store.keysets().load(ORDERS))
          .isInstanceOf(StoreUnavailableException.class)
          .hasMessageContaining("%s cannot be read: no such file".formatted(fixture.storeFile()));
      assertThatThrownBy(() -> store.keysets().save(ORDERS, "again", 0))
          .isInstanceOf(StoreUnavailableException.class);
      assertThat(fixture.storeFile()).doesNotExist();
    }
  }

  @Test
  void keepsWhatStandsWhenAWriteFails() throws IOException {
    try (FileStore store = fixture.open()) {
      store.keysets().save(ORDERS, "first", 0);
      byte[] held = Files.readAllBytes(fixture.storeFile());
      Path obstacle = Files.createDirectory(fixture.directory().resolve("store.tmp"));

      assertThatThrownBy(() -> store.keysets().save(ORDERS, "second", 1))
          .isInstanceOf(StoreUnavailableException.class)
          .hasMessageContaining("cannot be written");
      assertThat(fixture.storeFile()).hasBinaryContent(held);

      Files.deleteIfExists(obstacle);
      assertThat(store.keysets().save(ORDERS, "second", 1).generation()).isEqualTo(2);
    }
  }

  @Test
  void releasesTheLockWhenItRefuses() throws IOException {
    fixture.make();
    Path aside = fixture.root().resolve("aside");
    Files.move(fixture.key(), aside);
    refuses(fixture::open, "its key is not at", "Restore the key file");

    assertThat(fixture.isLocked()).isFalse();
  }

  private void refusesContent(byte[] content, @Nullable String what) throws IOException {
    if (!Files.exists(fixture.storeFile())) {
      fixture.make();
    }
    byte[] key = Files.readAllBytes(fixture.key());
    Files.write(fixture.storeFile(), content);

    assertThatThrownBy(fixture::open)
        .isInstanceOf(LatchkeyException.class)
        .hasMessageContaining(what == null ? fixture.directory().toString() : what)
        .hasMessageNotContaining("canary");
    assertThat(fixture.storeFile()).hasBinaryContent(content);
    assertThat(fixture.key()).hasBinaryContent(key);
  }

  private static void refuses(ThrowingCallable call, String message, String action) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            LatchkeyException.class, ex -> assertThat(ex.action()).contains(action))
        .hasMessageContaining(message);
  }

  private static void copy(Path from, Path to) throws IOException {
    OwnerOnly.createDirectories(to);
    try (Stream<Path> files = Files.list(from)) {
      for (Path file : files.toList()) {
        OwnerOnly.createFile(to.resolve(file.getFileName()), Files.readAllBytes(file));
      }
    }
  }
}
