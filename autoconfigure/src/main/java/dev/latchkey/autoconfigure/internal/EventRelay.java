package dev.latchkey.autoconfigure.internal;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.SmartLifecycle;

/**
 * Publishes events of keysets and secrets as application events. Holds events back until the
 * context has started: keysets open on several threads, and a listener's bean must not be created
 * on one of those.
 */
public final class EventRelay implements Consumer<Object>, SmartLifecycle {

  /** Starts before, and stops after, everything that raises events. */
  public static final int PHASE = Integer.MIN_VALUE;

  private static final Logger logger = LoggerFactory.getLogger(EventRelay.class);

  private final ApplicationEventPublisher publisher;
  private final List<Object> early = new ArrayList<>();
  private boolean running;

  EventRelay(ApplicationEventPublisher publisher) {
    this.publisher = publisher;
  }

  @Override
  public void accept(Object event) {
    synchronized (early) {
      if (!running) {
        early.add(event);
        return;
      }
    }
    publish(event);
  }

  /** A listener that throws must not keep keys and secrets from rotating. */
  private void publish(Object event) {
    try {
      publisher.publishEvent(event);
    } catch (RuntimeException ex) {
      // the message is not ours, so it may contain a secret
      logger.error(
          "Listener failed on {}: {}", event.getClass().getSimpleName(), ex.getClass().getName());
    }
  }

  @Override
  public void start() {
    List<Object> waiting;
    synchronized (early) {
      running = true;
      waiting = List.copyOf(early);
      early.clear();
    }
    waiting.forEach(this::publish);
  }

  @Override
  public void stop() {
    synchronized (early) {
      running = false;
    }
  }

  @Override
  public boolean isRunning() {
    synchronized (early) {
      return running;
    }
  }

  @Override
  public int getPhase() {
    return PHASE;
  }
}
