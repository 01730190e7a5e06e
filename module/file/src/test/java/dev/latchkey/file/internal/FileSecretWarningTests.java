package dev.latchkey.file.internal;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

class FileSecretWarningTests {

  private final Logger logger = (Logger) LoggerFactory.getLogger("dev.latchkey");
  private final ListAppender<ILoggingEvent> log = new ListAppender<>();
  private final FileStore store;

  FileSecretWarningTests(@TempDir Path root) throws IOException {
    store = StoreFixture.in(root).open();
  }

  @BeforeEach
  void listen() {
    log.start();
    logger.addAppender(log);
  }

  @AfterEach
  void close() {
    logger.detachAppender(log);
    logger.setLevel(null);
    store.close();
  }

  @Test
  void warnsOnceWhenSecretsAreRead() {
    store.secrets().write("secret/a", Map.of("password", "canary"), 0);
    assertThat(log.list).isEmpty();

    store.secrets().read("secret/a", null);
    store.secrets().read("secret/b", null);

    assertThat(log.list)
        .singleElement()
        .satisfies(
            event -> {
              assertThat(event.getLevel()).isEqualTo(Level.WARN);
              assertThat(event.getFormattedMessage())
                  .contains(store.toString(), "latchkey.store.type=vault")
                  .doesNotContain("canary");
            });
  }

  @Test
  void warnsWhenItCanBeHeard() {
    logger.setLevel(Level.OFF);
    store.secrets().read("secret/a", null);
    logger.setLevel(Level.WARN);
    store.secrets().read("secret/a", null);

    assertThat(log.list).hasSize(1);
  }
}
