package dev.latchkey.key.live.internal;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.latchkey.key.KeyMetadata;
import dev.latchkey.key.KeyState;
import dev.latchkey.key.KeysetMetadata;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class EndedKeysTests {

  private final Logger logger = (Logger) LoggerFactory.getLogger(EndedKeys.class);
  private final ListAppender<ILoggingEvent> log = new ListAppender<>();
  private long nanos;
  private final EndedKeys ended = new EndedKeys("orders", () -> nanos);
  private final KeysetMetadata metadata =
      new KeysetMetadata(
          "shop",
          "orders",
          "op",
          List.of(
              key(1, KeyState.DISABLED),
              key(2, KeyState.DESTROY_SCHEDULED),
              key(3, KeyState.ACTIVE),
              key(4, KeyState.PENDING)));

  @BeforeEach
  void start() {
    log.start();
    logger.addAppender(log);
  }

  @AfterEach
  void stop() {
    logger.detachAppender(log);
  }

  @Test
  void namesTheKeyItsStateAndTheActionOnceAMinute() {
    ended.failed(metadata, 1);
    ended.failed(metadata, 1);
    ended.failed(metadata, 2);
    nanos = Duration.ofMinutes(1).toNanos();
    ended.failed(metadata, 1);

    assertThat(log.list)
        .extracting(ILoggingEvent::getFormattedMessage)
        .containsExactly(
            "Keyset orders: data that names key 1 was not accepted, since that key is DISABLED. The"
                + " action 'enable' makes it usable again",
            "Keyset orders: data that names key 2 was not accepted, since that key is"
                + " DESTROY_SCHEDULED. The action 'cancel-destroy' makes it usable again",
            "Keyset orders: data that names key 1 was not accepted, since that key is DISABLED. The"
                + " action 'enable' makes it usable again");
  }

  @Test
  void reportsNeitherDamagedDataNorForgedIds() {
    ended.failed(metadata, 3);
    ended.failed(metadata, 99);

    assertThat(log.list).isEmpty();
  }

  private static KeyMetadata key(long id, KeyState state) {
    return new KeyMetadata(id, state, "AES256_GCM", Duration.ZERO, 1, Map.of());
  }
}
