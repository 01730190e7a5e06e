package dev.latchkey.autoconfigure;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.SmartLifecycle;

/**
 * Publishes what happens to keysets and secrets as application events, and keeps what happens while
 * the context starts until all its listeners are there: keysets are opened side by side, and a
 * listener's bean must not be made on one of those threads.
 */
final class EventRelay implements Consumer<Object>, SmartLifecycle {

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
    publisher.publishEvent(event);
  }

  @Override
  public void start() {
    List<Object> waiting;
    synchronized (early) {
      running = true;
      waiting = List.copyOf(early);
      early.clear();
    }
    waiting.forEach(publisher::publishEvent);
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

  /** Before the refreshes start. */
  @Override
  public int getPhase() {
    return DEFAULT_PHASE - 1;
  }
}
