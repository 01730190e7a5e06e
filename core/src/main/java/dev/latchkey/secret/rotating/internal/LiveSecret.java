package dev.latchkey.secret.rotating.internal;

import dev.latchkey.secret.RotatingSecret;
import dev.latchkey.secret.SecretKind;
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
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What consumers hold: the newest version, swapped by whoever follows the store. */
final class LiveSecret implements RotatingSecret {

  private final RotatingSecretDefinition definition;
  private final Clock clock;
  private final SecretJournal journal;
  private final Leases leases;
  private final List<Consumer<SecretValue>> listeners = new CopyOnWriteArrayList<>();
  private volatile @Nullable State state;
  private volatile Duration wantedOverlap;
  private volatile Consumer<Duration> asking = atMost -> {};

  LiveSecret(
      RotatingSecretDefinition definition, Clock clock, SecretJournal journal, Leases leases) {
    this.definition = definition;
    this.clock = clock;
    this.journal = journal;
    this.leases = leases;
    this.wantedOverlap = definition.overlap();
  }

  /**
   * @param asking asks the store now, and waits for the answer at most as long as it is told
   */
  void askBy(Consumer<Duration> asking) {
    this.asking = asking;
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
          "The secret '%s' (%s) was last confirmed by its store at %s; it was good until %s, longer"
                  .formatted(
                      name(), definition.reference(), held.confirmed.at(), held.confirmed.until())
              + " ago than its maximum age of %s".formatted(maxAge),
          "See the log and the rotation endpoint for why the store does not answer. How long the"
              + " last good value may serve, latchkey.secrets.%s.max-age says.".formatted(name()));
    }
    return held.current;
  }

  @Override
  public Optional<SecretValue> previous() {
    return Optional.ofNullable(state().previous).filter(this::isGood);
  }

  /** By the clock: whoever ends leases may be waiting for an answer meanwhile. */
  private boolean isGood(SecretValue previous) {
    return previous.lease().map(lease -> leases.isKept(lease, clock.instant())).orElse(true);
  }

  @Override
  public void onRotation(Consumer<SecretValue> listener) {
    listeners.add(listener);
  }

  @Override
  public boolean refresh(Duration atMost) {
    SecretValue before = state().current;
    asking.accept(atMost);
    return state().current != before;
  }

  @Override
  public Duration overlap() {
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

  /** The version in use, however old. */
  SecretValue held() {
    return state().current;
  }

  Instant confirmedAt() {
    return state().confirmed.at();
  }

  boolean isWithheld() {
    Duration maxAge = definition.maxAge();
    return maxAge != null && state().isOlderThan(maxAge, clock.instant());
  }

  /**
   * Brings a version into use.
   *
   * @param following makes it from the one before
   * @param keepsPrevious whether the one before may still be good for something
   * @param confirmed null where the store does not vouch for it: then it is as old as the one
   *     before
   */
  void publish(
      SecretKind kind,
      Function<@Nullable SecretValue, SecretValue> following,
      boolean keepsPrevious,
      @Nullable Confirmation confirmed) {
    State held = state;
    SecretValue before = held == null ? null : held.current;
    SecretValue next = following.apply(before);
    Confirmation last = held == null ? Confirmation.at(next.readAt()) : held.confirmed;
    state =
        new State(next, keepsPrevious ? before : null, Objects.requireNonNullElse(confirmed, last));
    if (before != null) {
      listeners.forEach(listener -> tell(listener, next));
      journal.rotated(kind, next, before);
    }
  }

  private void tell(Consumer<SecretValue> listener, SecretValue next) {
    try {
      listener.accept(next);
    } catch (RuntimeException ex) {
      journal.listenerFailed(ex);
    }
  }

  /** The store says that the version in use is the newest. */
  void confirm(Confirmation confirmed) {
    State held = state();
    state = new State(held.current, held.previous, confirmed);
  }

  /** What came with a lease before is not good for anything any more. */
  void dropPreviousLease() {
    State held = state();
    if (held.previous != null && held.previous.lease().isPresent()) {
      state = new State(held.current, null, held.confirmed);
    }
  }

  private State state() {
    State held = state;
    if (held == null) {
      throw new IllegalStateException("Secret %s is not read".formatted(name()));
    }
    return held;
  }

  @Override
  public String toString() {
    return "RotatingSecret[name=%s, reference=%s]".formatted(name(), definition.reference());
  }

  /**
   * The store's word for a value.
   *
   * @param at when it gave it
   * @param until how long it holds: to the end of a lease
   */
  record Confirmation(Instant at, Instant until) {

    static Confirmation at(Instant at) {
      return new Confirmation(at, at);
    }
  }

  private record State(
      SecretValue current, @Nullable SecretValue previous, Confirmation confirmed) {

    boolean isOlderThan(Duration maxAge, Instant now) {
      return Duration.between(confirmed.until, now).compareTo(maxAge) > 0;
    }

    @Override
    public String toString() {
      return "State[current=%s]".formatted(current);
    }
  }
}
