package dev.latchkey.key.rotation.internal.simulation;

import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.PriorityQueue;

/** Time that passes from one event to the next; events of one time in the order of their making. */
final class VirtualTime {

  private final PriorityQueue<Event> events =
      new PriorityQueue<>(Comparator.comparing(Event::at).thenComparing(Event::number));
  private final Runnable beforeEach;
  private Instant now;
  private long made;

  /**
   * @param beforeEach run before each event, at its time
   */
  VirtualTime(Instant start, Runnable beforeEach) {
    this.now = start;
    this.beforeEach = beforeEach;
  }

  Instant now() {
    return now;
  }

  void at(Instant time, Runnable action) {
    events.add(new Event(time, made++, action));
  }

  void after(Duration delay, Runnable action) {
    at(now.plus(delay), action);
  }

  /** Can be called by an event too: what happens to others while somebody waits. */
  void runUntil(Instant end) {
    for (Event next = events.peek(); next != null && !next.at.isAfter(end); next = events.peek()) {
      events.remove();
      forward(next.at);
      beforeEach.run();
      next.action.run();
    }
    forward(end);
  }

  private void forward(Instant to) {
    if (to.isAfter(now)) {
      now = to;
    }
  }

  private record Event(Instant at, long number, Runnable action) {}
}
