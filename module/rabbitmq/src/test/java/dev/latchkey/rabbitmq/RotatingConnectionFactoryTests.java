package dev.latchkey.rabbitmq;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.latchkey.client.RotatingCredentials;
import dev.latchkey.follow.internal.Followers;
import dev.latchkey.secret.RotatingSecret;
import dev.latchkey.secret.SecretReference;
import dev.latchkey.secret.rotating.internal.RotatingSecretDefinition;
import dev.latchkey.secret.rotating.internal.RotatingSecrets;
import dev.latchkey.test.internal.RecordingSecretSource;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.amqp.rabbit.connection.CachingConnectionFactory;
import org.springframework.amqp.rabbit.listener.AbstractMessageListenerContainer;
import org.springframework.context.event.ContextClosedEvent;
import org.springframework.context.support.StaticApplicationContext;

/** Listeners are moved one after the other, by the only thread. */
class RotatingConnectionFactoryTests {

  private static final String PATH = "secret/broker";
  private static final Duration NEVER = Duration.ofDays(1);

  private final RecordingSecretSource store =
      new RecordingSecretSource().with(PATH, "username", "first");
  private final RotatingSecrets secrets =
      new RotatingSecrets(
          List.of(
              new RotatingSecretDefinition(
                  "broker", SecretReference.parsePath("vault@" + PATH), Duration.ZERO, NEVER)),
          () -> store,
          NEVER,
          new Followers(Clock.systemUTC()),
          Clock.systemUTC(),
          event -> {});
  private final RotatingSecret secret = secrets.at(SecretReference.parsePath("vault@" + PATH));
  private final ScheduledThreadPoolExecutor executor = new ScheduledThreadPoolExecutor(1);
  private final StaticApplicationContext context = new StaticApplicationContext();
  private final Listener one = new Listener();
  private final Listener two = new Listener();
  private final RotatingConnectionFactory connections =
      new RotatingConnectionFactory(
          new CachingConnectionFactory("localhost"),
          new CachingConnectionFactory("localhost"),
          RotatingCredentials.of(secret),
          NEVER,
          () -> Stream.of(one, two),
          executor);

  RotatingConnectionFactoryTests() {
    Stream.of(one, two).forEach(each -> each.setConnectionFactory(connections));
    Stream.of(one, two).forEach(Listener::start);
  }

  @AfterEach
  void close() {
    connections.close();
    secrets.close();
  }

  private void rotate() {
    store.with(PATH, "username", "second");
    assertThat(secret.refresh(Duration.ofSeconds(10))).isTrue();
    await().until(() -> executor.getCompletedTaskCount() == 3); // the rotation, and two listeners
  }

  @Test
  void restartsEachListenerWhenTheSecretRotates() {
    rotate();

    assertThat(Stream.of(one, two)).allMatch(Listener::isRunning);
    assertThat(Stream.of(one, two)).allMatch(each -> each.starts == 2);
  }

  @Test
  void restartsNoListenerWhenTheApplicationStopsItMeanwhile() {
    one.whenItStops = two::stop;

    rotate();

    assertThat(one.isRunning()).isTrue();
    assertThat(two.isRunning()).isFalse();
  }

  @Test
  void restartsNoListenerWhenTheApplicationCloses() {
    connections.setApplicationContext(context);
    one.whenItStops = () -> connections.onApplicationEvent(new ContextClosedEvent(context));

    rotate();

    assertThat(one.isRunning()).isFalse();
  }

  @Test
  void restartsListenersWhenOnlyAChildContextCloses() {
    connections.setApplicationContext(context);
    one.whenItStops =
        () ->
            connections.onApplicationEvent(new ContextClosedEvent(new StaticApplicationContext()));

    rotate();

    assertThat(one.isRunning()).isTrue();
  }

  private static final class Listener extends AbstractMessageListenerContainer {

    private volatile Runnable whenItStops = () -> {};
    private volatile int starts;

    @Override
    protected void doInitialize() {}

    @Override
    protected void doStart() {
      super.doStart();
      starts++;
    }

    @Override
    protected void doStop() {
      super.doStop();
      whenItStops.run();
    }
  }
}
