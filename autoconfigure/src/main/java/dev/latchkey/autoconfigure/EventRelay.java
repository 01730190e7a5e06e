package dev.latchkey.autoconfigure;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.SmartLifecycle;

/**
 * Publishes what happens to keysets and secrets as application events, and keeps what happens while
 * the context starts until all its listeners are there: keysets are opened side by side, and a
 * listener's bean must not be made on one of those threads.
 */
final class EventRelay implements Consumer<Object>, SmartLifecycle {

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

  /** What a listener of the application throws must not keep keys and secrets from rotating. */
  private void publish(Object event) {
    try {
      publisher.publishEvent(event);
    } catch (RuntimeException ex) {
      // its text is not ours, so it may hold anything
      logger.error(
          "A listener failed at {}: {}", event.getClass().getSimpleName(), ex.getClass().getName());
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

  /** Starts before the refreshes, and stops after them. */
  @Override
  public int getPhase() {
    return RefreshSchedule.PHASE - 1;
  }
}
