package dev.latchkey.actuate;

import dev.latchkey.keyset.KeysetId;
import dev.latchkey.rotation.Freshness;
import dev.latchkey.rotation.RotationEvent.KeysetFreshnessChanged;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.availability.AvailabilityChangeEvent;
import org.springframework.boot.availability.ReadinessState;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.event.EventListener;

/**
 * Refuses traffic while a keyset is stale, and accepts it again afterwards; a refusal that somebody
 * else made meanwhile stays.
 *
 * @since 0.1
 */
public final class ReadinessWhenStale {

  private final ApplicationEventPublisher publisher;
  private final Set<KeysetId> stale = new HashSet<>();
  private @Nullable Object lastRefusal;

  public ReadinessWhenStale(ApplicationEventPublisher publisher) {
    this.publisher = publisher;
  }

  @EventListener
  synchronized void on(KeysetFreshnessChanged event) {
    boolean wasStale = !stale.isEmpty();
    if (event.state() == Freshness.State.STALE) {
      stale.add(event.keyset());
    } else {
      stale.remove(event.keyset());
    }
    boolean isStale = !stale.isEmpty();
    if (isStale && !wasStale) {
      AvailabilityChangeEvent.publish(publisher, this, ReadinessState.REFUSING_TRAFFIC);
    } else if (wasStale && !isStale && lastRefusal == this) {
      AvailabilityChangeEvent.publish(publisher, this, ReadinessState.ACCEPTING_TRAFFIC);
    }
  }

  @EventListener
  synchronized void on(AvailabilityChangeEvent<ReadinessState> event) {
    lastRefusal = event.getState() == ReadinessState.REFUSING_TRAFFIC ? event.getSource() : null;
  }
}
