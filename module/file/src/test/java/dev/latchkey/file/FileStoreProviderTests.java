package dev.latchkey.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latchkey.LatchkeyException;
import dev.latchkey.file.internal.Host;
import dev.latchkey.key.KeysetId;
import dev.latchkey.store.Backend;
import dev.latchkey.store.StoreContext;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.mock.env.MockEnvironment;

class FileStoreProviderTests {

  private static final KeysetId ORDERS = new KeysetId("shop", "orders");
  private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");

  private final MockEnvironment environment = new MockEnvironment();
  private Path home;
  private Path project;

  @BeforeEach
  void prepare(@TempDir Path root) throws IOException {
    home = Files.createDirectory(root.toRealPath().resolve("home"));
    project = Files.createDirectory(root.toRealPath().resolve("project"));
  }

  @Test
  void usesADirectoryInTheWorkingDirectoryWhenNoneIsConfigured() {
    try (Backend backend = create()) {
      assertThat(backend.type()).isEqualTo("file");
      assertThat(backend.shared()).isFalse();
      backend.keysets().save(ORDERS, "content", 0);
    }

    assertThat(project.resolve(".latchkey/store")).isNotEmptyFile();
    assertThat(home.resolve(".config/latchkey")).isNotEmptyDirectory();
    try (Backend backend = create()) {
      assertThat(backend.keysets().load(ORDERS)).isPresent();
      assertThat(backend.secrets().description()).contains(project.toString());
    }
  }

  @Test
  void usesTheConfiguredDirectoryAndKeyWhenSet() {
    environment
        .withProperty("latchkey.store.type", "file")
        .withProperty("latchkey.store.file.directory", "data/keys")
        .withProperty("latchkey.store.file.key", home.resolve("latchkey.key").toString());
    environment.setActiveProfiles("prod");

    create().close();

    assertThat(project.resolve("data/keys/store")).isNotEmptyFile();
    assertThat(home.resolve("latchkey.key")).isNotEmptyFile();
  }

  @Test
  void closesTheStoreWhenTheBackendCloses() {
    Backend backend = create();
    backend.close();

    assertThatThrownBy(() -> backend.keysets().load(ORDERS)).hasMessageContaining("is closed");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "a\0b"})
  void failsWhenTheDirectoryIsNotAPath(String directory) {
    environment.withProperty("latchkey.store.file.directory", directory);

    assertThatThrownBy(this::create)
        .isInstanceOf(LatchkeyException.class)
        .hasMessageContaining("Invalid latchkey.store.file.directory '%s'", directory);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "keys/latchkey.key",
        "k3yCanaryk3yCanaryk3yCanaryk3yCanaryk3yCana=",
        "/3yCanaryk3yCanaryk3yCanaryk3yCanaryk3yCana=",
        "a\0b"
      })
  void failsWithoutShowingItWhenTheKeyIsNotAnAbsolutePath(String key) {
    environment.withProperty("latchkey.store.file.key", key);

    assertThatThrownBy(this::create)
        .isInstanceOfSatisfying(
            LatchkeyException.class,
            ex -> assertThat(ex.action()).contains("never to a key itself"))
        .hasMessage("Invalid latchkey.store.file.key: not the absolute path of a file");
    assertThat(project).isEmptyDirectory();
  }

  @Test
  void failsInAContainerWhenNoDirectoryIsGiven() {
    assertThatThrownBy(() -> create(true)).hasMessageContaining("a container loses it");
    assertThat(project).isEmptyDirectory();
  }

  private Backend create() {
    return create(false);
  }

  private Backend create(boolean inContainer) {
    StoreContext context = new StoreContext(environment, Clock.fixed(NOON, ZoneOffset.UTC), null);
    FileStoreProvider provider =
        new FileStoreProvider(new Host(Map.of(), home, project), inContainer);
    assertThat(environment.containsProperty("latchkey.store.type") || provider.isDefault(context))
        .isTrue();
    return provider.open(context);
  }
}
