package dev.latchkey.actuate.internal;

import dev.latchkey.key.rotation.KeysetStatus.Freshness;
import dev.latchkey.key.rotation.RotationEvent.KeysetFreshnessChanged;
import dev.latchkey.secret.SecretEvent.SecretConfirmed;
import dev.latchkey.secret.SecretEvent.SecretExpired;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.availability.AvailabilityChangeEvent;
import org.springframework.boot.availability.ReadinessState;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.event.EventListener;

/**
 * Stops accepting traffic while a keyset or a secret is stale, and resumes afterwards. If another
 * component refused traffic in the meantime, that refusal stays.
 *
 * @since 0.1
 */
public final class ReadinessWhenStale {

  private final ApplicationEventPublisher publisher;

  /** Ids of keysets, names of secrets. */
  private final Set<Object> stale = new HashSet<>();

  private @Nullable Object lastRefusal;

  public ReadinessWhenStale(ApplicationEventPublisher publisher) {
    this.publisher = publisher;
  }

  @EventListener
  synchronized void on(KeysetFreshnessChanged event) {
    mark(event.keyset(), event.state() == Freshness.State.STALE);
  }

  @EventListener
  synchronized void on(SecretExpired event) {
    mark(event.secret(), true);
  }

  @EventListener
  synchronized void on(SecretConfirmed event) {
    mark(event.secret(), false);
  }

  private void mark(Object keysetOrSecret, boolean isTooOld) {
    boolean wasStale = !stale.isEmpty();
    if (isTooOld) {
      stale.add(keysetOrSecret);
    } else {
      stale.remove(keysetOrSecret);
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
