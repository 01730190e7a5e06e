package dev.latchkey.key.rotation.internal.simulation;

import com.google.crypto.tink.Aead;
import com.google.crypto.tink.Mac;
import com.google.crypto.tink.PublicKeySign;
import com.google.crypto.tink.PublicKeyVerify;
import dev.latchkey.LatchkeyException;
import dev.latchkey.key.KeyMetadata;
import dev.latchkey.key.PrimitiveFamily;
import dev.latchkey.key.document.internal.KeysetRepository;
import dev.latchkey.key.document.internal.UsageTotals;
import dev.latchkey.key.internal.KeysetSnapshot;
import dev.latchkey.key.live.internal.KeysetRegistry;
import dev.latchkey.key.rotation.KeyAction;
import dev.latchkey.key.rotation.KeysetStatus;
import dev.latchkey.key.rotation.KeysetStatus.Freshness;
import dev.latchkey.key.rotation.RotationRefusedException;
import dev.latchkey.key.rotation.internal.KeysetDefinition;
import dev.latchkey.key.rotation.internal.Rotator;
import dev.latchkey.key.rotation.internal.RotatorSeam;
import dev.latchkey.key.rotation.internal.simulation.Cluster.Node;
import dev.latchkey.key.rotation.internal.simulation.Cluster.Version;
import dev.latchkey.key.rotation.internal.simulation.Connection.Seen;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One running application: a real rotator with its own clock and its own line to the store. It
 * polls once in an interval; a poll that would find nothing new is not run, only counted.
 */
final class Instance {

  private static final byte[] TEXT = "text".getBytes(StandardCharsets.UTF_8);

  private final Simulation simulation;
  private final int slot;
  private final String name;
  private final KeysetDefinition configuration;
  private final SkewedClock clock;
  private final Connection connection;
  private final KeysetRegistry registry;
  private final Rotator rotator;
  private final Duration interval;
  private final Instant firstPoll;

  private Set<Long> usable = Set.of();
  private @Nullable KeysetSnapshot held;
  private @Nullable Instant plannedPoll;
  private Instant provedAt = Instant.MIN;
  private boolean busy;
  private boolean forcing;
  private boolean paused;
  private boolean stopping;
  private boolean killed;

  Instance(
      Simulation simulation, int slot, String name, KeysetDefinition configuration, Node node) {
    this.simulation = simulation;
    this.slot = slot;
    this.name = name;
    this.configuration = configuration;
    this.clock = new SkewedClock();
    this.connection = new Connection(simulation, this, node);
    this.registry = new KeysetRegistry(Map.of("orders", configuration.template().family()));
    registry.addListener("orders", this::nowInUse);
    this.rotator =
        RotatorSeam.rotator(
            configuration,
            simulation.broken(Broken.SHARED_USAGE)
                ? new KeysetRepository(connection, connection).erasedBy(connection)
                : new KeysetRepository(connection, connection)
                    .erasedBy(connection)
                    .countingIn(new UsageTotals(connection.counters())),
            registry,
            clock,
            simulation.broken(Broken.SUCCESSOR_RULE)
                ? (next, before) -> true
                : KeysetSnapshot::succeeds);
    this.interval = simulation.chance().between(Duration.ofSeconds(48), Duration.ofSeconds(60));
    this.firstPoll = simulation.now().plus(simulation.chance().upTo(interval));
  }

  int slot() {
    return slot;
  }

  Clock clock() {
    return clock;
  }

  void setClock(Duration skew) {
    clock.skew = skew;
  }

  /** When its clock will show a time, or did. */
  Instant whenItIs(Instant shown) {
    return shown.minus(clock.skew);
  }

  Connection connection() {
    return connection;
  }

  KeysetDefinition configuration() {
    return configuration;
  }

  /** What it holds; null until it has started. */
  @Nullable KeysetSnapshot held() {
    return held;
  }

  KeysetStatus status() {
    return rotator.status();
  }

  /** Whether it answers requests now. */
  boolean serves() {
    return held != null && !killed && !paused;
  }

  /** Whether something may be asked of it now. */
  boolean isIdle() {
    return serves() && !busy && !stopping;
  }

  /** Whether it does what somebody forces. */
  boolean isForcing() {
    return forcing;
  }

  boolean isBusy() {
    return busy;
  }

  boolean isKilled() {
    return killed;
  }

  boolean isStopping() {
    return stopping;
  }

  boolean isPaused() {
    return paused;
  }

  /** How long ago the store last answered something that was the newest, and came into use here. */
  Duration age() {
    return provedAt.equals(Instant.MIN)
        ? Duration.ofDays(36500)
        : Duration.between(provedAt, simulation.now());
  }

  /** When that was. */
  Instant provedAt() {
    return provedAt;
  }

  /** Whether it can decrypt or verify with a key. */
  boolean canUse(long key) {
    return usable.contains(key);
  }

  boolean holds(@Nullable Version version) {
    return version != null
        && held != null
        && held.generation() == version.generation()
        && held.createdAt().equals(version.createdAt());
  }

  // ---- what it does

  boolean start() {
    act("starts", rotator::open);
    return held != null && !killed;
  }

  void poll() {
    if (isIdle()) {
      simulation.count("polls");
      requireThatItKnowsItsAge();
      act("polls", rotator::refresh);
    }
  }

  /** What a person asks for; true if it was done. */
  boolean perform(KeyAction action, @Nullable Long key) {
    return perform(action, key, false);
  }

  boolean perform(KeyAction action, @Nullable Long key, boolean force) {
    boolean[] done = new boolean[1];
    forcing = force;
    act(
        action.text(),
        () -> {
          rotator.perform(action, key, force);
          done[0] = true;
        });
    forcing = false;
    return done[0];
  }

  /** Uses its key some times, and tells the others. */
  void useAndShare(int times) {
    for (int i = 0; i < times; i++) {
      simulation.invariants().protect(this);
    }
    simulation.invariants().used(this, held.metadata().active().id(), times);
    act("shares its counts", rotator::shareUsage);
  }

  private void act(String what, Runnable action) {
    busy = true;
    connection.begin();
    try {
      action.run();
    } catch (Crash crash) {
      simulation.count("crashes between two steps");
      kill();
    } catch (RotationRefusedException ex) {
      simulation.count("refusals");
    } catch (LatchkeyException ex) {
      simulation.say(this, what + " in vain: " + ex.getMessage());
      simulation.count("actions in vain");
    } finally {
      busy = false;
    }
    if (killed) {
      simulation.gone(this);
    } else if (held != null) {
      connection.seen().forEach(this::count);
      simulation.invariants().acted(this, connection.lastSeen());
      planNextPoll();
    }
  }

  private void count(Seen seen) {
    if (seen.answer().proved() && holds(seen.answer().version()) && seen.at().isAfter(provedAt)) {
      provedAt = seen.at();
    }
  }

  private void nowInUse(KeysetSnapshot snapshot) {
    KeysetSnapshot before = held;
    held = snapshot;
    Set<Long> ids = new HashSet<>();
    for (KeyMetadata key : snapshot.metadata().keys()) {
      switch (key.state()) {
        case PENDING, ACTIVE, RETIRED -> ids.add(key.id());
        case COMPROMISED -> {
          if (!configuration.policy().rejectCompromised()) {
            ids.add(key.id());
          }
        }
        case DISABLED, DESTROY_SCHEDULED, DESTROYED -> {}
      }
    }
    usable = ids;
    simulation.count("generations brought into use");
    simulation.invariants().inUse(this, before, snapshot);
  }

  // ---- when it polls

  /** The polls up to now were in time, and found nothing new. */
  void settle() {
    if (isIdle() && connection.isLevel() && holds(simulation.cluster().current())) {
      Instant last = pollBefore(simulation.now());
      if (last.isAfter(provedAt)) {
        provedAt = last;
      }
    }
  }

  /** From a time on, there is something that a poll would find. */
  void hasNewsFrom(Instant time) {
    Instant at = pollBefore(time).plus(interval);
    if (plannedPoll == null || at.isBefore(plannedPoll)) {
      plannedPoll = at;
      simulation.time().at(at, () -> pollAsPlanned(at));
    }
  }

  private void pollAsPlanned(Instant at) {
    if (at.equals(plannedPoll)) {
      plannedPoll = null;
      poll();
    }
  }

  private void planNextPoll() {
    KeysetStatus status = rotator.status();
    Instant due = status.next().at();
    if (due == null) {
      return;
    }
    Instant when = connection.whenItIs(due);
    if (when.isAfter(simulation.now())) {
      hasNewsFrom(when);
    } else if (!status.frozen() && connection.isLevel()) {
      hasNewsFrom(simulation.now()); // something got lost on the way: the next poll tries again
    }
    if (connection.isLevel() && !status.frozen() && !holds(simulation.cluster().current())) {
      hasNewsFrom(simulation.now());
    }
  }

  private Instant pollBefore(Instant time) {
    long sinceFirst = Duration.between(firstPoll, time).toMillis();
    return firstPoll.plusMillis(
        Math.floorDiv(sinceFirst, interval.toMillis()) * interval.toMillis());
  }

  // ---- what happens to it

  void pause() {
    paused = true;
  }

  void resume() {
    paused = false;
    if (held != null && !killed) {
      simulation.invariants().resumed(this);
      hasNewsFrom(simulation.now());
    }
  }

  void stopPolling() {
    stopping = true;
  }

  void kill() {
    killed = true;
  }

  private void requireThatItKnowsItsAge() {
    Duration tolerance = Simulation.CLOCKS_OFF.multipliedBy(2).plusMinutes(1);
    if (!provedAt.equals(Instant.MIN)
        && age().compareTo(simulation.setting().rule().maxStaleness().plus(tolerance)) > 0
        && rotator.status().freshness().state() != Freshness.State.STALE) {
      throw simulation.failure(
          this,
          "has proved nothing for %s, and says it is %s".formatted(age(), status().freshness()));
    }
  }

  // ---- what it does for its users

  byte[] protect() throws GeneralSecurityException {
    PrimitiveFamily family = configuration.template().family();
    return switch (family) {
      case AEAD -> registry.primitive("orders", Aead.class).encrypt(TEXT, TEXT);
      case MAC -> registry.primitive("orders", Mac.class).computeMac(TEXT);
      case SIGNATURE -> registry.primitive("orders", PublicKeySign.class).sign(TEXT);
      default -> throw new IllegalStateException(family + " is not simulated");
    };
  }

  void open(byte[] made) throws GeneralSecurityException {
    PrimitiveFamily family = configuration.template().family();
    switch (family) {
      case AEAD -> registry.primitive("orders", Aead.class).decrypt(made, TEXT);
      case MAC -> registry.primitive("orders", Mac.class).verifyMac(made, TEXT);
      case SIGNATURE -> registry.primitive("orders", PublicKeyVerify.class).verify(made, TEXT);
      default -> throw new IllegalStateException(family + " is not simulated");
    }
  }

  @Override
  public String toString() {
    return name;
  }

  /** A clock that is off. */
  private final class SkewedClock extends Clock {

    private Duration skew = Duration.ZERO;

    @Override
    public Instant instant() {
      return simulation.now().plus(skew);
    }

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      throw new UnsupportedOperationException();
    }
  }
}
