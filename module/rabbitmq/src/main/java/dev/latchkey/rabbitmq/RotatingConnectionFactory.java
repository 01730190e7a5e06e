package dev.latchkey.rabbitmq;

import dev.latchkey.secret.RotatingSecret;
import dev.latchkey.secret.SecretValue;
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
 * Connections to RabbitMQ whose user rotates. Two connection factories take turns: what begins
 * after a rotation gets a connection of the new user; what has begun goes on where it is, for as
 * long as the drain. Listeners finish the messages that they hold, and go on with the new user.
 *
 * <p>Where the broker refuses the login, the secret is asked for a newer one and the connection is
 * opened with that. Is it refused still, it is a failure like that of a broker that cannot be
 * reached, which no listener stops at.
 *
 * @since 0.1
 */
public final class RotatingConnectionFactory
    implements ConnectionFactory,
        ApplicationContextAware,
        ApplicationListener<ContextClosedEvent>,
        AutoCloseable {

  private static final Logger logger = LoggerFactory.getLogger(RotatingConnectionFactory.class);

  /** How long a connection waits for the secret's store. */
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  /** A server changes a password in the broker and in its own storage one after the other. */
  private static final int QUESTIONS = 2;

  /** This part of an overlap is left for the old connections to close in. */
  private static final int PARTS = 5;

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
   * @param second just like it; both log in with the secret's version in use
   * @param drain how long what has begun on a connection may go on after a rotation
   * @param listeners those that there are; those that use these connections are moved
   * @param executor moves them; it ends with this
   */
  public RotatingConnectionFactory(
      CachingConnectionFactory first,
      CachingConnectionFactory second,
      RotatingSecret secret,
      Duration drain,
      Supplier<Stream<MessageListenerContainer>> listeners,
      ScheduledExecutorService executor) {
    this.current = first;
    this.resting = second;
    this.secret = secret;
    this.drain = drain;
    this.listeners = listeners;
    this.executor = executor;
    secret.extendOverlap(drain.plus(drain.dividedBy(PARTS - 1)));
    secret.onRotation(version -> execute(this::rotated));
  }

  @Override
  public Connection createConnection() {
    for (int refused = 0; ; refused++) {
      SecretValue used = secret.current();
      try {
        return current.createConnection();
      } catch (AmqpAuthenticationException ex) {
        if (refused == QUESTIONS) {
          throw new AmqpConnectException(
              "RabbitMQ refuses the login with secret '%s'".formatted(secret.name()), ex);
        }
        if (used == secret.current()) {
          secret.refresh(PATIENCE);
        }
      }
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
    resting.resetConnection(); // still draining, or opened again by what began before
    CachingConnectionFactory before = current;
    current = resting;
    resting = before;
    draining = schedule(() -> letGo(before), drain());
  }

  private Duration drain() {
    if (secret.previous().isEmpty()) {
      return Duration.ZERO; // its user is gone
    }
    Duration overlap = secret.overlap();
    return overlap.isZero()
        ? drain
        : Collections.min(List.of(drain, overlap.minus(overlap.dividedBy(PARTS))));
  }

  private void letGo(CachingConnectionFactory before) {
    logger.debug("Connections from before the rotation of secret {} are closed", secret.name());
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
      return null; // the application stops, and its connections with it
    }
  }

  private void run(Runnable task) {
    try {
      task.run();
    } catch (RuntimeException ex) {
      logger.warn(
          "After a rotation of secret {}, connections could not be replaced", secret.name(), ex);
    }
  }

  @Override
  public void setApplicationContext(ApplicationContext context) {
    this.context = context;
  }

  /** Starts no listener any more: the application is about to stop them all. */
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
    return current.getUsername();
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
