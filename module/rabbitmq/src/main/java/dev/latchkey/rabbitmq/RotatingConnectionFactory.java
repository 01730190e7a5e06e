package dev.latchkey.rabbitmq;

import dev.latchkey.client.RotatingCredentials;
import dev.latchkey.secret.RotatingSecret;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.amqp.AmqpAuthenticationException;
import org.springframework.amqp.AmqpConnectException;
import org.springframework.amqp.core.MessageListenerContainer;
import org.springframework.amqp.rabbit.connection.CachingConnectionFactory;
import org.springframework.amqp.rabbit.connection.Connection;
import org.springframework.amqp.rabbit.connection.ConnectionFactory;
import org.springframework.amqp.rabbit.connection.ConnectionListener;
import org.springframework.amqp.rabbit.listener.AbstractMessageListenerContainer;
import org.springframework.context.ApplicationContext;
import org.springframework.context.ApplicationContextAware;
import org.springframework.context.ApplicationListener;
import org.springframework.context.event.ContextClosedEvent;

/**
 * Connections to RabbitMQ whose credentials rotate. Two connection factories take turns: work that
 * begins after a rotation uses a connection with the new credentials; work in progress continues
 * where it is, for as long as the drain. Listeners finish the messages that they hold and continue
 * with the new credentials.
 *
 * <p>If the broker rejects a login, Latchkey reads the secret again and retries. If the newest
 * credentials are rejected too, that is reported as a broker that cannot be reached, so that
 * listeners continue.
 *
 * @since 0.1
 */
public final class RotatingConnectionFactory
    implements ConnectionFactory,
        ApplicationContextAware,
        ApplicationListener<ContextClosedEvent>,
        AutoCloseable {

  private static final Logger logger = LoggerFactory.getLogger(RotatingConnectionFactory.class);

  /** The old connections close within this part of an overlap. */
  private static final int PARTS = 5;

  private final RotatingCredentials credentials;
  private final RotatingSecret secret;
  private final Duration drain;
  private final Supplier<Stream<MessageListenerContainer>> listeners;
  private final ScheduledExecutorService executor;
  private volatile CachingConnectionFactory current;
  private volatile boolean closed;
  private @Nullable ApplicationContext context;
  private CachingConnectionFactory resting;
  private @Nullable Future<?> draining;

  /**
   * @param first in use until the first rotation
   * @param second just like it; {@link RotatingRabbitCredentials} was applied to both
   * @param drain how long work in progress on a connection may continue after a rotation
   * @param listeners all listeners; those that use these connections are moved
   * @param executor moves them; it is shut down with this factory
   */
  public RotatingConnectionFactory(
      CachingConnectionFactory first,
      CachingConnectionFactory second,
      RotatingCredentials credentials,
      Duration drain,
      Supplier<Stream<MessageListenerContainer>> listeners,
      ScheduledExecutorService executor) {
    this.current = first;
    this.resting = second;
    this.credentials = credentials;
    this.secret = credentials.secret();
    this.drain = drain;
    this.listeners = listeners;
    this.executor = executor;
    secret.extendOverlap(drain.plus(drain.dividedBy(PARTS - 1)));
    secret.onRotation(version -> execute(this::rotated));
  }

  @Override
  public Connection createConnection() {
    try {
      return credentials.login(
          used -> current.createConnection(), AmqpAuthenticationException.class::isInstance);
    } catch (AmqpAuthenticationException ex) {
      throw new AmqpConnectException(
          "RabbitMQ rejects the credentials of secret '%s'".formatted(secret.name()), ex);
    }
  }

  private void rotated() {
    takeTurns();
    mine().forEach(each -> execute(() -> move(each)));
  }

  private synchronized void takeTurns() {
    if (draining != null) {
      draining.cancel(false);
    }
    resting.resetConnection(); // still draining, or reopened by work that began before
    CachingConnectionFactory before = current;
    current = resting;
    resting = before;
    draining = schedule(() -> letGo(before), drain());
  }

  private Duration drain() {
    if (secret.previous().isEmpty()) {
      return Duration.ZERO; // its user no longer exists
    }
    Duration overlap = secret.overlap();
    return overlap.isZero()
        ? drain
        : Collections.min(List.of(drain, overlap.minus(overlap.dividedBy(PARTS))));
  }

  private void letGo(CachingConnectionFactory before) {
    logger.debug("Secret {}: closing connections from before the rotation", secret.name());
    before.resetConnection();
  }

  private Stream<AbstractMessageListenerContainer> mine() {
    return listeners
        .get()
        .filter(AbstractMessageListenerContainer.class::isInstance)
        .map(AbstractMessageListenerContainer.class::cast)
        .filter(each -> each.getConnectionFactory() == this);
  }

  /** Stopping waits for the messages that the listener holds. */
  private void move(AbstractMessageListenerContainer listener) {
    if (!listener.isRunning() || !listener.isActive()) {
      return; // the application stopped it, or is about to
    }
    listener.stop();
    if (!closed) {
      listener.start();
    }
    if (closed) {
      listener.stop();
    }
  }

  private void execute(Runnable task) {
    schedule(task, Duration.ZERO);
  }

  private @Nullable Future<?> schedule(Runnable task, Duration delay) {
    try {
      return executor.schedule(() -> run(task), delay.toMillis(), TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException ex) {
      return null; // the application stops, and closes its connections
    }
  }

  private void run(Runnable task) {
    try {
      task.run();
    } catch (RuntimeException ex) {
      logger.warn("Secret {}: could not replace connections after a rotation", secret.name(), ex);
    }
  }

  @Override
  public void setApplicationContext(ApplicationContext context) {
    this.context = context;
  }

  /** From now on, starts no listener: the application is about to stop them all. */
  @Override
  public void onApplicationEvent(ContextClosedEvent event) {
    closed |= event.getApplicationContext() == context;
  }

  @Override
  public void close() {
    closed = true;
    executor.shutdownNow();
  }

  @Override
  public @Nullable ConnectionFactory getPublisherConnectionFactory() {
    return current.getPublisherConnectionFactory();
  }

  @Override
  public void resetConnection() {
    current.resetConnection();
  }

  @Override
  public void addConnectionListener(ConnectionListener listener) {
    both().forEach(each -> each.addConnectionListener(listener));
  }

  @Override
  public boolean removeConnectionListener(ConnectionListener listener) {
    return both()
        .map(each -> each.removeConnectionListener(listener))
        .reduce(false, Boolean::logicalOr);
  }

  @Override
  public void clearConnectionListeners() {
    both().forEach(CachingConnectionFactory::clearConnectionListeners);
  }

  private synchronized Stream<CachingConnectionFactory> both() {
    return Stream.of(current, resting);
  }

  @Override
  public @Nullable String getHost() {
    return current.getHost();
  }

  @Override
  public int getPort() {
    return current.getPort();
  }

  @Override
  public String getVirtualHost() {
    return current.getVirtualHost();
  }

  @Override
  public String getUsername() {
    return credentials.current().username();
  }

  @Override
  public boolean isSimplePublisherConfirms() {
    return current.isSimplePublisherConfirms();
  }

  @Override
  public boolean isPublisherConfirms() {
    return current.isPublisherConfirms();
  }

  @Override
  public boolean isPublisherReturns() {
    return current.isPublisherReturns();
  }
}
