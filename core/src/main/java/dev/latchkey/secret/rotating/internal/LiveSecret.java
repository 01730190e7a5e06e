package dev.latchkey.secret.rotating.internal;

import dev.latchkey.secret.RotatingSecret;
import dev.latchkey.secret.SecretValue;
import dev.latchkey.secret.StaleSecretException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The secret that consumers hold: the newest value, swapped by its follower. */
final class LiveSecret implements RotatingSecret {

  private final RotatingSecretDefinition definition;
  private final Clock clock;
  private final SecretEvents events;
  private final Leases leases;
  private final List<Consumer<SecretValue>> listeners = new CopyOnWriteArrayList<>();
  private volatile @Nullable State state;
  private volatile Duration wantedOverlap;
  private volatile Runnable opener = () -> {};
  private volatile Consumer<Duration> refresher = atMost -> {};

  LiveSecret(RotatingSecretDefinition definition, Clock clock, SecretEvents events, Leases leases) {
    this.definition = definition;
    this.clock = clock;
    this.events = events;
    this.leases = leases;
    this.wantedOverlap = definition.overlap();
  }

  /**
   * Connects this secret to the store.
   *
   * @param opener reads it for the first time
   * @param refresher refreshes it, and waits for that at most as long as requested
   */
  void connect(Runnable opener, Consumer<Duration> refresher) {
    this.opener = opener;
    this.refresher = refresher;
  }

  @Override
  public String name() {
    return definition.name();
  }

  @Override
  public SecretValue current() {
    State held = state();
    Duration maxAge = definition.maxAge();
    if (maxAge != null && held.isOlderThan(maxAge, clock.instant())) {
      throw new StaleSecretException(
          "Secret '%s' (%s) is stale: its store last confirmed it at %s, for use until %s; max-age is %s"
              .formatted(
                  name(),
                  definition.reference(),
                  held.confirmed.at(),
                  held.confirmed.until(),
                  maxAge),
          "See the log and the rotation endpoint for why the store does not answer. To serve the last"
              + " value for longer, increase the max-age of secret '%s'.".formatted(name()));
    }
    return held.current;
  }

  @Override
  public Optional<SecretValue> previous() {
    return Optional.ofNullable(state().previous).filter(this::isValid);
  }

  /** By the clock, since the thread that revokes leases may be waiting for a response. */
  private boolean isValid(SecretValue previous) {
    return previous.lease().map(lease -> leases.isKept(lease, clock.instant())).orElse(true);
  }

  @Override
  public void onRotation(Consumer<SecretValue> listener) {
    listeners.add(listener);
  }

  @Override
  public boolean refresh(Duration atMost) {
    SecretValue before = state().current;
    refresher.accept(atMost);
    return state().current != before;
  }

  @Override
  public Duration overlap() {
    State ignored = state();
    return leases.overlap(wantedOverlap);
  }

  @Override
  public void extendOverlap(Duration atLeast) {
    if (atLeast.compareTo(wantedOverlap) > 0) {
      wantedOverlap = atLeast;
    }
  }

  Duration wantedOverlap() {
    return wantedOverlap;
  }

  /** The value in use, however old; null if none has been read. */
  @Nullable SecretValue held() {
    State held = state;
    return held == null ? null : held.current;
  }

  Instant readAt() {
    return state().readAt;
  }

  Instant confirmedAt() {
    return state().confirmed.at();
  }

  boolean isStale() {
    Duration maxAge = definition.maxAge();
    return maxAge != null && state().isOlderThan(maxAge, clock.instant());
  }

  /**
   * Starts using a value.
   *
   * @param keepsPrevious whether the one before may still be valid
   * @param confirmed null if the store doesn't vouch for the value: then its confirmation is that
   *     of the one before
   */
  void publish(
      SecretValue next, Instant readAt, boolean keepsPrevious, @Nullable Confirmation confirmed) {
    State held = state;
    SecretValue before = held == null ? null : held.current;
    Confirmation last = held == null ? Confirmation.at(readAt) : held.confirmed;
    state =
        new State(
            next,
            readAt,
            keepsPrevious ? before : null,
            Objects.requireNonNullElse(confirmed, last));
    if (before != null) {
      listeners.forEach(listener -> tell(listener, next));
      events.rotated(next, before);
    }
  }

  private void tell(Consumer<SecretValue> listener, SecretValue next) {
    try {
      listener.accept(next);
    } catch (RuntimeException ex) {
      events.listenerFailed(ex);
    }
  }

  /** The store confirms that the value in use is the newest. */
  void confirm(Confirmation confirmed) {
    State held = state();
    state = new State(held.current, held.readAt, held.previous, confirmed);
  }

  /** The credentials of a replaced lease are no longer valid. */
  void dropPreviousLease() {
    State held = state();
    if (held.previous != null && held.previous.lease().isPresent()) {
      state = new State(held.current, held.readAt, null, held.confirmed);
    }
  }

  private State state() {
    State held = state;
    if (held == null) {
      opener.run();
      held = state;
    }
    if (held == null) {
      throw new IllegalStateException("Secret %s has not been read".formatted(name()));
    }
    return held;
  }

  @Override
  public String toString() {
    return "RotatingSecret[name=%s, reference=%s]".formatted(name(), definition.reference());
  }

  /**
   * The store's confirmation of a value.
   *
   * @param at when the store gave it
   * @param until how long it holds: to the end of a lease
   */
  record Confirmation(Instant at, Instant until) {

    static Confirmation at(Instant at) {
      return new Confirmation(at, at);
    }
  }

  private record State(
      SecretValue current, Instant readAt, @Nullable SecretValue previous, Confirmation confirmed) {

    boolean isOlderThan(Duration maxAge, Instant now) {
      return Duration.between(confirmed.until, now).compareTo(maxAge) > 0;
    }

    @Override
    public String toString() {
      return "State[current=%s]".formatted(current);
    }
  }
}
