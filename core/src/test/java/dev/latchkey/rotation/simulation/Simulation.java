package dev.latchkey.rotation.simulation;

import dev.latchkey.keyset.KeyEncryptionKeys;
import dev.latchkey.keyset.KeyMetadata;
import dev.latchkey.keyset.KeyState;
import dev.latchkey.rotation.KeyAction;
import dev.latchkey.rotation.KeysetDefinition;
import dev.latchkey.rotation.simulation.Cluster.Node;
import dev.latchkey.store.memory.MemoryKeyEncryptionKeys;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A year in the life of a fleet of instances and of the store that they share.
 *
 * <p><b>Real</b> are the rotators with their planners, the repository and its documents, the
 * registries with Tink's primitives, and the key-encryption key. <b>Simulated</b> are time, the
 * clocks, the store ({@link Cluster}) and the lines to it ({@link Connection}).
 *
 * <p><b>What happens</b>, all of it following from a seed: instances start all at once and make the
 * keyset; are killed, also between any two steps of what they do; are stopped while they still have
 * requests to answer; are frozen for up to three times F; lose their line to the store; have clocks
 * that are off by ten minutes and jump; get new periods, propagation times and templates one after
 * the other. The store's nodes have clocks that differ by up to S; standbys are cut off and show
 * what they held; the active node changes; the store is out, has its document deleted by mistake,
 * is restored from a backup that is up to B old. Questions and answers get lost. People rotate as
 * soon as it is allowed, disable, enable and give up old keys. Worst cases are sought: whoever has
 * not heard of a new spare may be cut off until it is promoted.
 *
 * <p><b>What must hold</b> is told by {@link Invariants}, after each event that changed anything. A
 * poll that would find nothing new is no event.
 *
 * <p><b>Not simulated</b>: what a person forces, and the emergency after a key in use became known,
 * which both give up the certainty that every instance knows the next key. A second restore while
 * spares from before the first are still waiting: they were not published all that time.
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
  private final List<Instance> alive = new ArrayList<>();
  private final List<KeysetDefinition> configurations = new ArrayList<>();
  private final Map<String, Integer> counts = new TreeMap<>();
  private final Deque<String> log = new ArrayDeque<>();
  private final Instant end;
  private int started;
  private int waiting;
  private int hurries;
  private boolean calm;
  private Instant restorable = START;

  Simulation(Setting setting) {
    this.setting = setting;
    this.chance = new Chance(setting.seed());
    this.time = new VirtualTime(START, () -> alive.forEach(Instance::settle));
    List<Duration> skews = new ArrayList<>();
    for (int i = 0; i < NODES; i++) {
      skews.add(nodeSkew());
    }
    this.cluster = new Cluster(time, skews, setting.broken() != Broken.CHECK_AND_SET);
    this.invariants = new Invariants(this);
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
    letThingsHappen();
    time.runUntil(end);
    heal();
    alive.forEach(invariants::healed);
    counts.put("keys used", invariants.keysUsed());
    return counts;
  }

  private void letThingsHappen() {
    // to the instances
    eachInstance(days(90), this::kill);
    eachInstance(days(90), this::replace);
    eachInstance(days(20), this::freeze);
    eachInstance(days(25), instance -> cutLine(instance, shortOrLong()));
    eachInstance(days(30), this::moveToAnotherNode);
    eachInstance(days(40), instance -> instance.setClock(chance.within(CLOCKS_OFF)));
    // to the store
    often(days(12), this::cutOffStandby);
    often(days(20), this::failOver);
    often(days(25), this::takeStoreOut);
    often(days(90), this::deleteDocument);
    if (!setting.rule().backupInterval().isZero()) {
      often(days(50), () -> restoreStore(chance.upTo(setting.rule().backupInterval())));
    }
    // by people
    often(days(80), this::changeConfiguration);
    often(days(30), this::rotateAsSoonAsAllowed);
    often(days(40), this::handleOldKey);
  }

  // ---- what happens to an instance

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

  private void kill(Instance instance) {
    say(instance, "is killed");
    count("kills");
    instance.kill();
    if (!instance.isBusy()) {
      gone(instance);
    }
  }

  private void replace(Instance instance) {
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

  private void freeze(Instance instance) {
    if (!instance.isIdle()) {
      return;
    }
    Duration pause = shortOrLong();
    say(instance, "is frozen for " + pause);
    count(pause.compareTo(setting.rule().maxStaleness()) > 0 ? "pauses longer than F" : "pauses");
    instance.pause();
    time.after(pause, instance::resume);
  }

  private void cutLine(Instance instance, Duration length) {
    say(instance, "has no line to the store for " + length);
    count("lines cut");
    instance.connection().cut(true);
    time.after(
        length,
        () -> {
          instance.connection().cut(false);
          instance.hasNewsFrom(now());
        });
  }

  private void moveToAnotherNode(Instance instance) {
    instance.connection().moveTo(chance.pick(cluster.nodes()));
    instance.hasNewsFrom(now());
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

  // ---- what happens to the store

  private void cutOffStandby() {
    Node node = chance.pick(cluster.nodes());
    if (cluster.isActive(node) || !cluster.isLevel(node)) {
      return;
    }
    Duration length = shortOrLong().multipliedBy(2);
    say("store", "a standby is cut off for " + length);
    count("standbys cut off");
    cluster.cutOff(node);
    time.after(
        length,
        () -> {
          cluster.heal(node);
          everybodyHasNews();
        });
  }

  private void failOver() {
    Node node = chance.pick(cluster.nodes());
    node.setClock(nodeSkew());
    cluster.failOver(node);
    say("store", "another node is active");
    everybodyHasNews();
  }

  private void takeStoreOut() {
    Duration length = shortOrLong();
    say("store", "is out for " + length);
    count("outages");
    cluster.out(true);
    time.after(
        length,
        () -> {
          cluster.out(false);
          everybodyHasNews();
        });
  }

  private void deleteDocument() {
    say("store", "the document is deleted");
    count("deletions");
    cluster.deleted(true);
    time.after(
        chance.upTo(hours(6)),
        () -> {
          cluster.deleted(false);
          everybodyHasNews();
        });
  }

  private void restoreStore(Duration age) {
    if (now().isBefore(restorable) || age.isZero() || calm) {
      return;
    }
    Instant backup = now().minus(age);
    say("store", "is restored to how it was at " + backup);
    count("restores");
    cluster.restore(backup);
    restorable = now().plus(setting.rule().backupInterval()).plus(longestPropagation());
    everybodyHasNews();
  }

  /** The store took a write. */
  void written(Instance writer) {
    say(writer, "writes generation " + cluster.current().generation());
    count("writes");
    invariants.written(writer, cluster.current());
    everybodyHasNews();
    if (calm) {
      return;
    }
    if (chance.of(0.4)) {
      Instance unaware = chance.pick(alive);
      if (unaware != writer && unaware.isIdle()) {
        cutLine(unaware, longestPropagation().plus(chance.upTo(hours(1))));
      }
    }
    if (chance.of(0.4) && hurries < 6) {
      hurries++;
      time.after(minutes(5), this::rotateAsSoonAsAllowed);
    }
    if (chance.of(0.05)) {
      time.after(chance.upTo(minutes(2)), () -> restoreStore(setting.rule().backupInterval()));
    }
  }

  private void everybodyHasNews() {
    alive.forEach(instance -> instance.hasNewsFrom(now()));
  }

  // ---- what people do

  private void changeConfiguration() {
    KeysetDefinition next = setting.configuration(chance);
    say(
        "people",
        "change the configuration: %s, period %s, propagation %s"
            .formatted(
                next.template().name(), next.policy().period(), next.policy().propagation()));
    count("configurations");
    Duration delay = Duration.ZERO;
    for (int slot = 0; slot < setting.instances(); slot++) {
      int changed = slot;
      time.after(
          delay,
          () -> {
            configurations.set(changed, next);
            alive.stream()
                .filter(instance -> instance.slot() == changed && instance.isIdle())
                .findFirst()
                .ifPresent(this::replace);
          });
      delay = delay.plus(chance.upTo(hours(2)));
    }
  }

  /** Somebody in a hurry asks one instance after the other, from well before it is allowed. */
  private void rotateAsSoonAsAllowed() {
    Instance instance = anyone(Instance::isIdle);
    if (instance == null || calm) {
      return;
    }
    Instant allowed =
        instance.held().metadata().spare().map(KeyMetadata::promotableFrom).orElse(now());
    time.at(allowed.minus(minutes(40)), () -> askForRotation(allowed.plus(minutes(40))));
  }

  private void askForRotation(Instant until) {
    Instance instance = anyone(Instance::isIdle);
    if (instance != null && instance.perform(KeyAction.ROTATE, null)) {
      count("rotations by people");
    } else if (!calm && now().isBefore(until)) {
      time.after(minutes(1), () -> askForRotation(until));
    }
  }

  private void handleOldKey() {
    Instance instance = anyone(Instance::isIdle);
    if (instance == null) {
      return;
    }
    List<KeyMetadata> old =
        instance.held().metadata().keys().stream()
            .filter(key -> key.state() != KeyState.ACTIVE && key.state() != KeyState.PENDING)
            .toList();
    if (old.isEmpty()) {
      return;
    }
    KeyMetadata key = chance.pick(old);
    KeyAction action =
        switch (key.state()) {
          case DISABLED -> chance.pick(KeyAction.ENABLE, KeyAction.SCHEDULE_DESTROY);
          case DESTROY_SCHEDULED -> KeyAction.CANCEL_DESTROY;
          case COMPROMISED -> KeyAction.SCHEDULE_DESTROY;
          default -> chance.pick(KeyAction.DISABLE, KeyAction.DISABLE, KeyAction.COMPROMISE);
        };
    invariants.takesAway(key.id());
    if (instance.perform(action, key.id())) {
      say(instance, "did '%s' to %s".formatted(action.text(), invariants.name(key.id())));
      count("old keys handled");
    }
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
      if (instance.held() != null && instance.status().frozen()) {
        instance.kill();
        gone(instance);
      }
    }
    everybodyHasNews();
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
    Duration maxStaleness = setting.rule().maxStaleness();
    return switch (chance.below(8)) {
      case 0, 1 -> chance.upTo(maxStaleness);
      case 2 -> chance.upTo(maxStaleness.multipliedBy(3));
      default -> chance.upTo(minutes(10));
    };
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

  private @Nullable Instance anyone(Predicate<Instance> like) {
    List<Instance> those = alive.stream().filter(like).toList();
    return those.isEmpty() ? null : chance.pick(those);
  }

  private void eachInstance(Duration mean, Consumer<Instance> event) {
    often(
        mean.dividedBy(setting.instances()),
        () -> {
          if (!alive.isEmpty()) {
            event.accept(chance.pick(alive));
          }
        });
  }

  private void often(Duration mean, Runnable event) {
    time.after(
        chance.exponential(mean),
        () -> {
          if (!calm) {
            event.run();
            often(mean, event);
          }
        });
  }

  private Duration nodeSkew() {
    return chance.within(setting.rule().clockSkew().dividedBy(2));
  }

  private Duration longestPropagation() {
    return configurations.stream()
        .map(it -> it.policy().propagation())
        .reduce(Setting::longest)
        .orElseThrow();
  }

  private static Duration days(int days) {
    return Duration.ofDays(days);
  }

  private static Duration hours(int hours) {
    return Duration.ofHours(hours);
  }

  private static Duration minutes(int minutes) {
    return Duration.ofMinutes(minutes);
  }

  private static Duration seconds(int seconds) {
    return Duration.ofSeconds(seconds);
  }
}
