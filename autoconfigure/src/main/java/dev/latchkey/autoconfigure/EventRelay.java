package dev.latchkey.autoconfigure;

import dev.latchkey.rotation.RotationEvent;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.SmartLifecycle;

/**
 * Publishes what happens to keysets as application events, and keeps what happens while the context
 * starts until all its listeners are there: keysets are opened side by side, and a listener's bean
 * must not be made on one of those threads.
 */
final class EventRelay implements Consumer<RotationEvent>, SmartLifecycle {

  private final ApplicationEventPublisher publisher;
  private final List<RotationEvent> early = new ArrayList<>();
  private boolean running;

  EventRelay(ApplicationEventPublisher publisher) {
    this.publisher = publisher;
  }

  @Override
  public void accept(RotationEvent event) {
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
    List<RotationEvent> waiting;
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
