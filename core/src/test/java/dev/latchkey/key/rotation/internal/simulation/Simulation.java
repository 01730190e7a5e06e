package dev.latchkey.key.rotation.internal.simulation;

import dev.latchkey.key.document.KeyEncryptionKeys;
import dev.latchkey.key.rotation.internal.KeysetDefinition;
import dev.latchkey.memory.internal.MemoryKeyEncryptionKeys;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A year in the life of a fleet of instances and of the store that they share.
 *
 * <p><b>Real</b> are the rotators with their planners, the repository and its documents, the
 * registries with Tink's primitives, and the key-encryption key. <b>Simulated</b> are time, the
 * clocks, the store ({@link Cluster}) and the lines to it ({@link Connection}).
 *
 * <p><b>What happens</b> ({@link Happenings}), all of it following from a seed: instances start all
 * at once and make the keyset; are killed, also between any two steps of what they do; are stopped
 * while they still have requests to answer; are frozen for up to three times F; lose their line to
 * the store; have clocks that are off by ten minutes and jump; get new periods, propagation times
 * and templates one after the other. The store's nodes have clocks that differ by up to S; standbys
 * are cut off and show what they held; the active node changes; the store is out, has its document
 * deleted by mistake, is restored from a backup that is up to B old. Questions and answers get
 * lost. People rotate as soon as it is allowed, and by force before that; disable, enable and give
 * up old keys; find out that the keys in use are known to others. In some simulations keys wear
 * out, and their uses are added up. Worst cases are sought: whoever has not heard of a new spare
 * may be cut off until it is promoted.
 *
 * <p><b>What must hold</b> is told by {@link Invariants}, after each event that changed anything. A
 * poll that would find nothing new is no event.
 *
 * <p>Keys are destroyed, with the help of operators who come hours later. After a restore of the
 * store, people may write back what is in memory, and then the next restore may follow at once.
 *
 * <p><b>Not simulated</b>: a second restore of the store while spares from before the first are
 * still waiting, where nobody wrote back what was in memory: they were not published all that time.
 */
final class Simulation {

  static final Duration CLOCKS_OFF = Duration.ofMinutes(10);

  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
  private static final int NODES = 3;
  private static final int LINES_OF_LOG = 40;
  private static final int WAITING_AT_ONCE = 3;

  private final Setting setting;
  private final Chance chance;
  private final VirtualTime time;
  private final Cluster cluster;
  private final KeyEncryptionKeys keyEncryptionKeys = new MemoryKeyEncryptionKeys();
  private final Invariants invariants;
  private final Happenings happenings;
  private final List<Instance> alive = new ArrayList<>();
  private final List<KeysetDefinition> configurations = new ArrayList<>();
  private final Map<String, Integer> counts = new TreeMap<>();
  private final Deque<String> log = new ArrayDeque<>();
  private final Instant end;
  private int started;
  private int waiting;
  private boolean calm;
  private boolean operatorIsDone;
  private boolean operatorIsCalled;

  Simulation(Setting setting) {
    this.setting = setting;
    this.chance = new Chance(setting.seed());
    this.time = new VirtualTime(START, () -> alive.forEach(Instance::settle));
    List<Duration> skews = new ArrayList<>();
    for (int i = 0; i < NODES; i++) {
      skews.add(setting.nodeSkew(chance));
    }
    this.cluster = new Cluster(time, skews, setting.broken() != Broken.CHECK_AND_SET);
    this.invariants = new Invariants(this);
    this.happenings = new Happenings(this);
    this.end = START.plus(setting.length());
  }

  /**
   * Lives through it.
   *
   * @return how often what happened
   * @throws SimulationFailure if something happened that must not
   */
  Map<String, Integer> run() {
    KeysetDefinition first = setting.configuration(chance);
    for (int slot = 0; slot < setting.instances(); slot++) {
      configurations.add(first);
      startLater(slot, chance.upTo(Duration.ofSeconds(5)));
    }
    happenings.begin();
    time.runUntil(end);
    heal();
    alive.forEach(invariants::healed);
    counts.put("keys used", invariants.keysUsed());
    return counts;
  }

  // ---- the instances

  private void startLater(int slot, Duration delay) {
    time.after(delay, () -> start(slot));
  }

  private void start(int slot) {
    Instance instance =
        new Instance(
            this,
            slot,
            "i%d.%d".formatted(slot, started++),
            configurations.get(slot),
            chance.pick(cluster.nodes()));
    instance.setClock(chance.within(CLOCKS_OFF));
    alive.add(instance);
    if (!instance.start() && !instance.isKilled()) {
      instance.kill();
      gone(instance);
    }
  }

  /** An instance ended. Another takes its place. */
  void gone(Instance instance) {
    if (alive.remove(instance) && !instance.isStopping()) {
      startLater(instance.slot(), chance.between(seconds(1), calm ? minutes(1) : minutes(60)));
    }
  }

  /** An instance is stopped while it has requests to answer yet, and another starts. */
  void replace(Instance instance) {
    if (!instance.isIdle()) {
      return;
    }
    say(instance, "is stopped, and replaced");
    instance.stopPolling();
    start(instance.slot());
    time.after(
        setting.rule().drain(),
        () -> {
          instance.kill();
          alive.remove(instance);
        });
  }

  /** An instance waits in the middle of an action; the others go on. */
  void wait(Instance instance, Duration length) {
    if (waiting == WAITING_AT_ONCE) {
      return;
    }
    waiting++;
    boolean frozen = length.compareTo(minutes(10)) > 0 && chance.of(0.5);
    if (frozen) {
      instance.pause();
    }
    Instant until = now().plus(length);
    time.runUntil(until.isBefore(end) ? until : end);
    if (frozen) {
      instance.resume();
    }
    waiting--;
  }

  /** The store took a write. */
  void written(Instance writer, boolean forced) {
    say(writer, "writes generation " + cluster.current().generation());
    count("writes");
    invariants.written(writer, forced, cluster.current());
    everybodyHasNews();
    if (!calm) {
      happenings.seekWorstCases(writer);
    }
  }

  /** Whether an operator has done what an erasure needs; otherwise one is called. */
  boolean operatorHasDone() {
    if (operatorIsDone || calm) {
      operatorIsDone = chance.of(0.5);
      return true;
    }
    if (!operatorIsCalled) {
      operatorIsCalled = true;
      time.after(
          chance.between(minutes(15), Duration.ofHours(12)),
          () -> {
            operatorIsDone = true;
            operatorIsCalled = false;
            everybodyHasNews();
          });
    }
    return false;
  }

  void everybodyHasNews() {
    alive.forEach(instance -> instance.hasNewsFrom(now()));
  }

  /** Nothing fails any more, and who saw the store go back is replaced. */
  private void heal() {
    calm = true;
    cluster.nodes().forEach(cluster::heal);
    cluster.out(false);
    cluster.deleted(false);
    for (Instance instance : List.copyOf(alive)) {
      instance.connection().cut(false);
      if (instance.isPaused()) {
        instance.resume();
      }
    }
    everybodyHasNews();
    time.runUntil(end.plus(days(1)));
    for (Instance instance : List.copyOf(alive)) {
      if (instance.held() != null && instance.status().frozen()) {
        instance.kill();
        gone(instance);
      }
    }
    time.runUntil(end.plus(longestPropagation().multipliedBy(2)).plus(days(60)));
  }

  // ---- for those who take part

  Instant now() {
    return time.now();
  }

  VirtualTime time() {
    return time;
  }

  Setting setting() {
    return setting;
  }

  Chance chance() {
    return chance;
  }

  Cluster cluster() {
    return cluster;
  }

  KeyEncryptionKeys keyEncryptionKeys() {
    return keyEncryptionKeys;
  }

  Invariants invariants() {
    return invariants;
  }

  List<Instance> alive() {
    return alive;
  }

  boolean isCalm() {
    return calm;
  }

  boolean broken(Broken rule) {
    return setting.broken() == rule;
  }

  /** Mostly minutes, sometimes hours, now and then longer than F. */
  Duration shortOrLong() {
    return setting.shortOrLong(chance);
  }

  void count(String what) {
    counts.merge(what, 1, Integer::sum);
  }

  void say(Object who, String what) {
    if (log.size() == LINES_OF_LOG) {
      log.removeFirst();
    }
    log.addLast(now() + " " + who + " " + what);
  }

  SimulationFailure failure(Instance who, String what) {
    return new SimulationFailure(
        "Seed %d, %s: %s %s%n%s".formatted(setting.seed(), now(), who, what, setting.rule()),
        setting.command(),
        List.copyOf(log));
  }

  void configure(int slot, KeysetDefinition configuration) {
    configurations.set(slot, configuration);
  }

  Duration longestPropagation() {
    return configurations.stream()
        .map(it -> it.policy().propagation())
        .reduce(Setting::longest)
        .orElseThrow();
  }

  private static Duration days(int days) {
    return Duration.ofDays(days);
  }

  private static Duration minutes(int minutes) {
    return Duration.ofMinutes(minutes);
  }

  private static Duration seconds(int seconds) {
    return Duration.ofSeconds(seconds);
  }
}
