package dev.latchkey.key.rotation.internal.simulation;

import dev.latchkey.key.KeyMetadata;
import dev.latchkey.key.KeyState;
import dev.latchkey.key.rotation.KeyAction;
import dev.latchkey.key.rotation.internal.KeysetDefinition;
import dev.latchkey.key.rotation.internal.simulation.Cluster.Node;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** What happens by chance, to the instances and to the store, and what people do. */
final class Happenings {

  private static final int HURRIES = 6;

  private final Simulation simulation;
  private final Setting setting;
  private final Chance chance;
  private final VirtualTime time;
  private final Cluster cluster;
  private Instant restorable;
  private int hurries;

  Happenings(Simulation simulation) {
    this.simulation = simulation;
    this.setting = simulation.setting();
    this.chance = simulation.chance();
    this.time = simulation.time();
    this.cluster = simulation.cluster();
    this.restorable = time.now();
  }

  /** From now on, things happen. */
  void begin() {
    // to the instances
    eachInstance(days(90), this::kill);
    eachInstance(days(90), simulation::replace);
    eachInstance(days(20), this::freeze);
    eachInstance(days(25), instance -> cutLine(instance, simulation.shortOrLong()));
    eachInstance(days(30), this::moveToAnotherNode);
    eachInstance(days(40), instance -> instance.setClock(chance.within(Simulation.CLOCKS_OFF)));
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
    often(days(120), this::rotateByForce);
    often(days(150), this::compromise);
    if (setting.maxOperations() != null) {
      eachInstance(days(1), this::use);
    }
  }

  /** A key was published, or came into use: what would be worst now? */
  void seekWorstCases(Instance writer) {
    if (chance.of(0.4)) {
      Instance unaware = anyone(instance -> instance.isIdle() && instance != writer);
      if (unaware != null) {
        cutLine(unaware, simulation.longestPropagation().plus(chance.upTo(hours(1))));
      }
    }
    if (chance.of(0.4) && hurries < HURRIES) {
      hurries++;
      time.after(minutes(5), this::rotateAsSoonAsAllowed);
    }
    if (chance.of(0.05)) {
      time.after(chance.upTo(minutes(2)), () -> restoreStore(setting.rule().backupInterval()));
    }
  }

  // ---- what happens to an instance

  private void kill(Instance instance) {
    simulation.say(instance, "is killed");
    simulation.count("kills");
    instance.kill();
    if (!instance.isBusy()) {
      simulation.gone(instance);
    }
  }

  private void freeze(Instance instance) {
    if (!instance.isIdle()) {
      return;
    }
    Duration pause = simulation.shortOrLong();
    simulation.say(instance, "is frozen for " + pause);
    simulation.count(
        pause.compareTo(setting.rule().maxStaleness()) > 0 ? "pauses longer than F" : "pauses");
    instance.pause();
    time.after(pause, instance::resume);
  }

  private void cutLine(Instance instance, Duration length) {
    simulation.say(instance, "has no line to the store for " + length);
    simulation.count("lines cut");
    instance.connection().cut(true);
    time.after(
        length,
        () -> {
          instance.connection().cut(false);
          instance.hasNewsFrom(time.now());
        });
  }

  private void moveToAnotherNode(Instance instance) {
    instance.connection().moveTo(chance.pick(cluster.nodes()));
    instance.hasNewsFrom(time.now());
  }

  // ---- what happens to the store

  private void cutOffStandby() {
    Node node = chance.pick(cluster.nodes());
    if (cluster.isActive(node) || !cluster.isLevel(node)) {
      return;
    }
    Duration length = simulation.shortOrLong().multipliedBy(2);
    simulation.say("store", "a standby is cut off for " + length);
    simulation.count("standbys cut off");
    cluster.cutOff(node);
    time.after(
        length,
        () -> {
          cluster.heal(node);
          simulation.everybodyHasNews();
        });
  }

  private void failOver() {
    Node node = chance.pick(cluster.nodes());
    node.setClock(setting.nodeSkew(chance));
    cluster.failOver(node);
    simulation.say("store", "another node is active");
    simulation.everybodyHasNews();
  }

  private void takeStoreOut() {
    Duration length = simulation.shortOrLong();
    simulation.say("store", "is out for " + length);
    simulation.count("outages");
    cluster.out(true);
    time.after(
        length,
        () -> {
          cluster.out(false);
          simulation.everybodyHasNews();
        });
  }

  private void deleteDocument() {
    simulation.say("store", "the document is deleted");
    simulation.count("deletions");
    cluster.deleted(true);
    time.after(
        chance.upTo(hours(6)),
        () -> {
          cluster.deleted(false);
          simulation.everybodyHasNews();
        });
  }

  private void restoreStore(Duration age) {
    if (time.now().isBefore(restorable) || age.isZero() || simulation.isCalm()) {
      return;
    }
    Instant backup = time.now().minus(age);
    simulation.say("store", "is restored to how it was at " + backup);
    simulation.count("restores");
    cluster.restore(backup);
    simulation.invariants().restored(cluster.current());
    restorable =
        time.now().plus(setting.rule().backupInterval()).plus(simulation.longestPropagation());
    simulation.everybodyHasNews();
    if (chance.of(0.6)) {
      time.after(chance.between(minutes(5), hours(3)), this::writeBackWhatIsInMemory);
    }
  }

  /** At one instance after the other, as long as one gives the alarm; then all is as it was. */
  private void writeBackWhatIsInMemory() {
    if (simulation.isCalm()) {
      return;
    }
    Instance instance = anyone(it -> it.isIdle() && it.status().frozen());
    if (instance == null) {
      if (simulation.alive().stream().allMatch(it -> it.holds(cluster.current()))) {
        restorable = time.now();
      }
      return;
    }
    if (instance.perform(KeyAction.RESTORE, null)) {
      simulation.say(instance, "wrote back what is in memory");
      simulation.count("restores from memory");
    }
    time.after(minutes(5), this::writeBackWhatIsInMemory);
  }

  // ---- what people do

  private void changeConfiguration() {
    KeysetDefinition next = setting.configuration(chance);
    simulation.say(
        "people",
        "change the configuration: %s, period %s, propagation %s"
            .formatted(
                next.template().name(), next.policy().period(), next.policy().propagation()));
    simulation.count("configurations");
    Duration delay = Duration.ZERO;
    for (int slot = 0; slot < setting.instances(); slot++) {
      int changed = slot;
      time.after(
          delay,
          () -> {
            simulation.configure(changed, next);
            simulation.alive().stream()
                .filter(instance -> instance.slot() == changed && instance.isIdle())
                .findFirst()
                .ifPresent(simulation::replace);
          });
      delay = delay.plus(chance.upTo(hours(2)));
    }
  }

  /** Somebody in a hurry asks one instance after the other, from well before it is allowed. */
  private void rotateAsSoonAsAllowed() {
    Instance instance = anyone(Instance::isIdle);
    if (instance == null || simulation.isCalm()) {
      return;
    }
    Instant allowed =
        instance.held().metadata().spare().map(KeyMetadata::promotableFrom).orElse(time.now());
    time.at(allowed.minus(minutes(40)), () -> askForRotation(allowed.plus(minutes(40))));
  }

  private void askForRotation(Instant until) {
    Instance instance = anyone(Instance::isIdle);
    if (instance != null && instance.perform(KeyAction.ROTATE, null)) {
      simulation.count("rotations by people");
    } else if (!simulation.isCalm() && time.now().isBefore(until)) {
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
          case DESTROY_SCHEDULED ->
              chance.pick(KeyAction.CANCEL_DESTROY, KeyAction.DESTROY, KeyAction.DESTROY);
          case COMPROMISED -> KeyAction.SCHEDULE_DESTROY;
          default -> chance.pick(KeyAction.DISABLE, KeyAction.DISABLE, KeyAction.COMPROMISE);
        };
    simulation.invariants().takesAway(key.id());
    if (instance.perform(action, key.id())) {
      simulation.say(
          instance,
          "did '%s' to %s".formatted(action.text(), simulation.invariants().name(key.id())));
      simulation.count("old keys handled");
    }
  }

  private void rotateByForce() {
    Instance instance = anyone(Instance::isIdle);
    if (instance != null && instance.perform(KeyAction.ROTATE, null, true)) {
      simulation.say(instance, "rotated by force");
    }
  }

  /** The keys in use are known to others, or all keys are. */
  private void compromise() {
    Instance instance = anyone(Instance::isIdle);
    if (instance == null) {
      return;
    }
    Long key = chance.of(0.5) ? instance.held().metadata().active().id() : null;
    boolean force = chance.of(0.3);
    simulation.invariants().compromises();
    if (instance.perform(KeyAction.COMPROMISE, key, force)) {
      simulation.say(
          instance,
          "marked %s as compromised%s"
              .formatted(
                  key == null ? "all keys" : simulation.invariants().name(key),
                  force ? " by force" : ""));
      simulation.count("compromises");
    }
  }

  private void use(Instance instance) {
    if (instance.isIdle() && !instance.status().frozen()) {
      simulation.count("uses shared");
      instance.useAndShare(1 + chance.below(2 * (int) Setting.USES_A_DAY - 1));
    }
  }

  private @Nullable Instance anyone(Predicate<Instance> like) {
    List<Instance> those = simulation.alive().stream().filter(like).toList();
    return those.isEmpty() ? null : chance.pick(those);
  }

  private void eachInstance(Duration mean, Consumer<Instance> event) {
    often(
        mean.dividedBy(setting.instances()),
        () -> {
          if (!simulation.alive().isEmpty()) {
            event.accept(chance.pick(simulation.alive()));
          }
        });
  }

  private void often(Duration mean, Runnable event) {
    time.after(
        chance.exponential(mean),
        () -> {
          if (!simulation.isCalm()) {
            event.run();
            often(mean, event);
          }
        });
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
}
