package dev.latchkey.file.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latchkey.LatchkeyException;
import java.io.File;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileStoreLockIntegrationTests {

  private StoreFixture fixture;

  @BeforeEach
  void prepare(@TempDir Path root) throws IOException {
    fixture = StoreFixture.in(root);
  }

  @Test
  void namesTheOtherProcessWhenItHasTheStoreOpen() throws Exception {
    try (StoreProcess other = StoreProcess.start("hold", fixture.root())) {
      assertThat(other.readLine()).isEqualTo("open");

      assertThatThrownBy(fixture::open)
          .isInstanceOfSatisfying(
              LatchkeyException.class,
              ex ->
                  assertThat(ex.action())
                      .contains("Stop that process", "latchkey.store.file.directory", "=vault"))
          .hasMessageStartingWith(
              "The embedded store at %s is in use by process %d since 20"
                  .formatted(fixture.directory(), other.pid()));
    }
  }

  @Test
  void opensWhenTheProcessThatHadTheStoreOpenWasKilled() throws Exception {
    try (StoreProcess other = StoreProcess.start("hold", fixture.root())) {
      assertThat(other.readLine()).isEqualTo("open");
      other.kill();

      fixture.open().close();
    }
  }

  @Test
  void releasesTheLockWhenTheLastStoreThatSharesItIsClosed() throws Exception {
    FileStore first = fixture.open();
    FileStore second = fixture.open();
    first.close();
    assertThat(answerToAnotherProcess()).matches(inUseByThisProcess());

    second.close();
    assertThat(answerToAnotherProcess()).isEqualTo("open");
  }

  @Test
  void keepsTheStoreWhenAnotherClassLoaderTriesToOpenIt() throws Exception {
    FileStore store = fixture.open();
    try (URLClassLoader other =
        new URLClassLoader(classPath(), ClassLoader.getPlatformClassLoader())) {

      assertThatThrownBy(() -> openWith(other))
          .hasMessage(
              "The embedded store at %s is in use by another application in this process"
                  .formatted(fixture.directory()));
      assertThat(answerToAnotherProcess()).matches(inUseByThisProcess());

      store.close();
      openWith(other).close();
    }
  }

  private @Nullable String answerToAnotherProcess() throws Exception {
    try (StoreProcess other = StoreProcess.start("hold", fixture.root())) {
      return other.readLine();
    }
  }

  private Pattern inUseByThisProcess() {
    return Pattern.compile(
        ".* is in use by process %d since .*".formatted(ProcessHandle.current().pid()));
  }

  private AutoCloseable openWith(ClassLoader loader) throws Exception {
    Class<?> host = loader.loadClass(Host.class.getName());
    Class<?> store = loader.loadClass(FileStore.class.getName());
    try {
      Object other =
          host.getConstructor(Map.class, Path.class, Path.class)
              .newInstance(Map.of(), fixture.host().home(), fixture.host().workingDirectory());
      return (AutoCloseable)
          store
              .getMethod("open", Path.class, Path.class, host, Clock.class)
              .invoke(null, Path.of(".latchkey"), null, other, Clock.systemUTC());
    } catch (InvocationTargetException ex) {
      throw ex.getTargetException() instanceof RuntimeException cause ? cause : ex;
    }
  }

  private static URL[] classPath() {
    return Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
        .map(FileStoreLockIntegrationTests::url)
        .toArray(URL[]::new);
  }

  private static URL url(String entry) {
    try {
      return new File(entry).toURI().toURL();
    } catch (MalformedURLException ex) {
      throw new IllegalStateException(ex);
    }
  }
}
