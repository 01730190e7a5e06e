package dev.latchkey.key.rotation.internal.simulation;

import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/** Something that changes, with all that it ever was. */
final class Timeline<T> {

  private final Deque<Entry<T>> entries = new ArrayDeque<>();

  /** What it is now; null if it was never anything. */
  @Nullable T current() {
    return entries.isEmpty() ? null : entries.getLast().value;
  }

  void set(Instant now, T value) {
    entries.addLast(new Entry<>(now, value));
  }

  /** What it was at a time. */
  @Nullable T at(Instant when) {
    Iterator<Entry<T>> newestFirst = entries.descendingIterator();
    while (newestFirst.hasNext()) {
      Entry<T> entry = newestFirst.next();
      if (!entry.since.isAfter(when)) {
        return entry.value;
      }
    }
    return null;
  }

  private record Entry<T>(Instant since, T value) {}
}
