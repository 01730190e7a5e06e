package dev.latchkey.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latchkey.LatchkeyException;
import dev.latchkey.key.KeysetId;
import dev.latchkey.store.file.Host;
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
import org.springframework.boot.env.PropertiesPropertySourceLoader;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.core.io.ByteArrayResource;
import org.springframework.mock.env.MockEnvironment;

class BackendFactoryTests {

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

  @ParameterizedTest
  @ValueSource(strings = {"memory", "MEMORY", "Memory"})
  void keepsInMemoryWhenToldTo(String type) {
    environment.withProperty("latchkey.store.type", type);

    try (Backend backend = create()) {
      assertThat(backend.type()).isEqualTo("memory");
      assertThat(backend.shared()).isFalse();
      assertThat(backend.keysets().save(ORDERS, "content", 0).createdAt()).isEqualTo(NOON);
    }
    assertThat(project).isEmptyDirectory();
  }

  @Test
  void keepsInADirectoryUnderTheWorkingDirectoryByDefault() {
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
  void keepsInTheGivenDirectoryUnderTheGivenKey() {
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
  void closesTheStore() {
    Backend backend = create();
    backend.close();

    assertThatThrownBy(() -> backend.keysets().load(ORDERS)).hasMessageContaining("is closed");
  }

  @Test
  void namesTheValueAndItsPlaceWhenTheTypeIsNoStore() throws IOException {
    environment
        .getPropertySources()
        .addFirst(
            new PropertiesPropertySourceLoader()
                .load(
                    "config",
                    new ByteArrayResource(
                        "a=b\nlatchkey.store.type=valt\n".getBytes(), "application.properties"))
                .get(0));

    assertThatThrownBy(this::create)
        .isInstanceOfSatisfying(
            LatchkeyException.class,
            ex -> assertThat(ex.action()).isEqualTo("Set it to 'vault', 'file' or 'memory'."))
        .hasMessageStartingWith("latchkey.store.type is 'valt'")
        .hasMessageContaining("application.properties")
        .hasMessageContaining("2:21");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "a\0b"})
  void failsWhenTheDirectoryIsNoPath(String directory) {
    environment.withProperty("latchkey.store.file.directory", directory);

    assertThatThrownBy(this::create)
        .isInstanceOf(LatchkeyException.class)
        .hasMessageContaining("latchkey.store.file.directory is '%s'", directory);
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
  void failsWithoutShowingItWhenTheKeyIsNoAbsolutePath(String key) {
    environment.withProperty("latchkey.store.file.key", key);

    assertThatThrownBy(this::create)
        .isInstanceOfSatisfying(
            LatchkeyException.class,
            ex -> assertThat(ex.action()).contains("never to a key itself"))
        .hasMessage("latchkey.store.file.key is not the absolute path of a file");
    assertThat(project).isEmptyDirectory();
  }

  @Test
  void connectsToVaultWhenItsUriIsSet() {
    environment
        .withProperty("latchkey.vault.uri", "https://vault.example.org:8200")
        .withProperty("latchkey.vault.token-file", home.resolve("token").toString());

    try (Backend backend = create()) {
      assertThat(backend.type()).isEqualTo("vault");
      assertThat(backend.shared()).isTrue();
      assertThat(backend.secrets().description()).contains("https://vault.example.org:8200");
    }
    assertThat(project).isEmptyDirectory();
  }

  @Test
  void failsWhenVaultIsToldToButNotWhere() {
    environment.withProperty("latchkey.store.type", "vault");

    assertThatThrownBy(this::create)
        .isInstanceOf(LatchkeyException.class)
        .hasMessage("latchkey.vault.uri is not set, which latchkey.store.type=vault needs");
  }

  @Test
  void namesTheDependencyWhenSpringVaultIsMissing() {
    environment.withProperty("latchkey.store.type", "vault");
    ClassLoader classLoader = Thread.currentThread().getContextClassLoader();
    Thread.currentThread()
        .setContextClassLoader(new FilteredClassLoader("org.springframework.vault"));
    try {
      assertThatThrownBy(this::create)
          .isInstanceOfSatisfying(
              LatchkeyException.class,
              ex -> assertThat(ex.action()).contains("org.springframework.vault:spring-vault-core"))
          .hasMessageStartingWith("Spring Vault is not on the class path");
    } finally {
      Thread.currentThread().setContextClassLoader(classLoader);
    }
  }

  @Test
  void failsInAContainerWhenNoDirectoryIsGiven() {
    assertThatThrownBy(() -> create(true)).hasMessageContaining("this is a container");
    assertThat(project).isEmptyDirectory();
  }

  private Backend create() {
    return create(false);
  }

  private Backend create(boolean inContainer) {
    Host host = new Host(Map.of(), home, project);
    return new BackendFactory(
            environment, host, inContainer, Clock.fixed(NOON, ZoneOffset.UTC), null)
        .create();
  }
}
