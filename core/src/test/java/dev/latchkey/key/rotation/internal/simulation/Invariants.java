package dev.latchkey.key.rotation.internal.simulation;

import com.google.crypto.tink.Key;
import com.google.crypto.tink.KeysetHandle;
import dev.latchkey.key.KeyMetadata;
import dev.latchkey.key.KeyState;
import dev.latchkey.key.KeysetMetadata;
import dev.latchkey.key.document.internal.KeysetRepository;
import dev.latchkey.key.internal.KeysetSnapshot;
import dev.latchkey.key.rotation.internal.simulation.Cluster.Version;
import dev.latchkey.key.rotation.internal.simulation.Connection.Seen;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What must hold at any time, told without the code that is tested:
 *
 * <ul>
 *   <li>When an instance begins to encrypt or sign with a key, every other that may still have a
 *       request to answer on fresh keys can decrypt or verify it, and does. That is every one whose
 *       last proved read is younger than F, and E longer, for requests that it took before.
 *   <li>Each such instance can use every key that was ever active, unless a person took it away.
 *   <li>Where a key was promoted in an emergency or by force, the same holds for those whose last
 *       proved read is not older than the time for which the key had been published: in an
 *       emergency, that is at least the emergency propagation less S.
 *   <li>After an emergency, the compromised key is replaced. No key is used more often than it may.
 *   <li>In every version in the store exactly one key is active, and is what Tink encrypts with.
 *   <li>No id is given to two keys; no key disappears from one version to the next, nor is
 *       destroyed without having been scheduled.
 *   <li>No instance goes back: not in generations (but by a restore from memory), nor with any key.
 *       One that sees the store go back says so and writes nothing; one that sees nothing of the
 *       kind doesn't.
 * </ul>
 */
final class Invariants {

  private static final Duration WAIT_BEFORE_DESTRUCTION = Duration.ofDays(7);

  private final Simulation simulation;
  private final KeysetRepository outside;
  private final Map<Version, KeysetMetadata> versions = new IdentityHashMap<>();
  private final Map<Long, Key> material = new HashMap<>();
  private final Map<Long, String> names = new HashMap<>();
  private final Map<Long, byte[]> archive = new HashMap<>();
  private final List<Long> everActive = new ArrayList<>();
  private final Set<Long> takenAway = new HashSet<>();
  private final Set<Long> destroyed = new HashSet<>();
  private final Map<Long, Instant> published = new HashMap<>();
  private final Map<Long, Early> promotedEarly = new HashMap<>();
  private final Map<Long, Long> uses = new HashMap<>();
  private boolean compromised;

  Invariants(Simulation simulation) {
    this.simulation = simulation;
    this.outside =
        new KeysetRepository(simulation.cluster().fromOutside(), simulation.keyEncryptionKeys());
  }

  /** A person is about to take a key from use. */
  void takesAway(long key) {
    takenAway.add(key);
  }

  /** A person is about to say that keys are known to others. */
  void compromises() {
    compromised = true;
  }

  String name(long key) {
    return names.computeIfAbsent(key, it -> "k" + (names.size() + 1));
  }

  /** How many keys were in use until now. */
  int keysUsed() {
    return everActive.size();
  }

  /** The store took a write, made from what the writer holds. */
  void written(Instance writer, boolean forced, Version version) {
    KeysetSnapshot written = outside.load(Setting.ORDERS, null).orElseThrow().snapshot();
    KeysetMetadata metadata = written.metadata();
    versions.put(version, metadata);
    long active = metadata.keys().stream().filter(key -> key.state() == KeyState.ACTIVE).count();
    require(active == 1, writer, "wrote %d active keys", active);
    KeysetHandle handle = written.handle();
    require(
        Integer.toUnsignedLong(handle.getPrimary().getId()) == metadata.active().id(),
        writer,
        "wrote a keyset whose primary is not the active key");
    for (int i = 0; i < handle.size(); i++) {
      long id = Integer.toUnsignedLong(handle.getAt(i).getId());
      Key first = material.putIfAbsent(id, handle.getAt(i).getKey());
      require(
          first == null || first.equalsKey(handle.getAt(i).getKey()),
          writer,
          "gave the id of %s again",
          name(id));
    }
    KeysetSnapshot before = writer.held();
    if (before != null) {
      before.metadata().keys().forEach(key -> requireKept(writer, key, metadata));
    }
    metadata.keys().forEach(key -> published.putIfAbsent(key.id(), simulation.now()));
    if (before != null && before.metadata().active().id() != metadata.active().id()) {
      promoted(before.metadata().active(), metadata.active().id(), forced);
    }
  }

  private void promoted(KeyMetadata before, long now, boolean forced) {
    if (forced) {
      early(now, Duration.between(published.get(now), simulation.now()));
      simulation.count("promotions by force");
    } else if (before.compromised()) {
      Setting setting = simulation.setting();
      early(now, setting.emergencyPropagation().minus(setting.rule().clockSkew()));
      simulation.count("emergencies");
    }
  }

  private void early(long key, Duration publishedFor) {
    promotedEarly.putIfAbsent(key, new Early(simulation.now(), publishedFor));
  }

  /** The store was restored: a key that was promoted early may be later than the backup. */
  void restored(Version version) {
    KeysetMetadata restored = versions.get(version);
    promotedEarly.keySet().stream()
        .filter(key -> restored.find(key).isEmpty())
        .forEach(takenAway::add);
  }

  /** An instance used its key. */
  void used(Instance instance, long key, int times) {
    long sum = uses.merge(key, (long) times, Long::sum);
    Long limit = simulation.setting().maxOperations();
    require(limit == null || sum <= limit, instance, "wears out %s: %d uses", name(key), sum);
  }

  private void requireKept(Instance writer, KeyMetadata before, KeysetMetadata written) {
    KeyMetadata after = written.find(before.id()).orElse(null);
    if (after == null) {
      throw simulation.failure(writer, "wrote a keyset without " + name(before.id()));
    }
    if (after.state() == KeyState.COMPROMISED && before.state() != KeyState.COMPROMISED) {
      requireReasonToReject(writer, before);
    } else if (before.state() == KeyState.RETIRED && after.state() != KeyState.RETIRED) {
      requireEndOfUse(writer, before);
    }
    if (after.state() == KeyState.DESTROYED && destroyed.add(before.id())) {
      require(
          before.state() == KeyState.DESTROY_SCHEDULED
              && (simulation.broken(Broken.STORE_CLOCK) || waitedLongEnough(before)),
          writer,
          "destroyed %s too early",
          name(before.id()));
      simulation.count("keys destroyed");
    }
  }

  private boolean waitedLongEnough(KeyMetadata key) {
    return !key.times()
        .get(KeyState.DESTROY_SCHEDULED)
        .plus(WAIT_BEFORE_DESTRUCTION)
        .minus(simulation.setting().rule().clockSkew())
        .isAfter(simulation.now());
  }

  /** Somebody erased all generations before one. */
  void erased(Instance instance, long generation) {
    Version newest = simulation.cluster().current();
    require(
        newest.generation() >= generation,
        instance,
        "erased the newest generation %d",
        newest.generation());
    simulation.count("erasures");
  }

  /** Whether one version may take the place of another, so far as their numbers tell. */
  private static boolean isNotBefore(
      KeysetMetadata next, long nextGeneration, KeysetMetadata before, long generation) {
    return next.restores() > before.restores()
        || (next.restores() == before.restores() && nextGeneration >= generation);
  }

  private void requireReasonToReject(Instance writer, KeyMetadata key) {
    require(
        compromised || takenAway.contains(key.id()),
        writer,
        "rejects %s without reason",
        name(key.id()));
    if (writer.configuration().policy().rejectCompromised()) {
      takenAway.add(key.id());
    }
  }

  /** By itself, an instance takes a key from use only when its time is over. */
  private void requireEndOfUse(Instance writer, KeyMetadata key) {
    Duration decryptFor = simulation.setting().decryptFor();
    boolean over =
        decryptFor != null
            && !key.since()
                .plus(decryptFor)
                .minus(simulation.setting().rule().clockSkew())
                .isAfter(simulation.now());
    require(
        takenAway.contains(key.id()) || over || simulation.broken(Broken.STORE_CLOCK),
        writer,
        "takes %s from use too early",
        name(key.id()));
    takenAway.add(key.id());
  }

  /** An instance brought a generation into use. */
  void inUse(Instance instance, @Nullable KeysetSnapshot before, KeysetSnapshot now) {
    if (before != null) {
      String objection = objection(now.metadata(), before.metadata());
      require(
          objection == null
              && isNotBefore(
                  now.metadata(), now.generation(), before.metadata(), before.generation()),
          instance,
          "went back from generation %d to %d: %s",
          before.generation(),
          now.generation(),
          objection);
    }
    long active = now.metadata().active().id();
    if (everActive.contains(active)) {
      return;
    }
    everActive.add(active);
    simulation.say(instance, "is the first to use " + name(active));
    byte[] made = protect(instance);
    archive.put(active, made);
    for (Instance other : simulation.alive()) {
      if (other.serves() && mustKnow(other, active)) {
        requireUsable(other, active, "which " + instance + " uses now");
        open(other, active, made);
      }
    }
  }

  /** An instance did something, or tried to. */
  void acted(Instance instance, @Nullable Seen seen) {
    requireThatItCanDoItsWork(instance);
    if (seen == null || !seen.answer().proved() || seen.answer().version() == null) {
      return;
    }
    KeysetSnapshot held = instance.held();
    KeysetMetadata shown = versions.get(seen.answer().version());
    boolean follows =
        objection(shown, held.metadata()) == null
            && isNotBefore(
                shown, seen.answer().version().generation(), held.metadata(), held.generation());
    if (!follows) {
      require(
          instance.status().frozen()
              && String.valueOf(instance.status().problem()).contains("DO NOT RESTART"),
          instance,
          "saw the store go back from generation %d to %d, and says nothing",
          held.generation(),
          seen.answer().version().generation());
      simulation.count("roll-backs and forks seen");
    } else if (instance.holds(seen.answer().version())) {
      require(!instance.status().frozen(), instance, "gives an alarm without reason");
    }
  }

  /** An instance goes on after a pause. */
  void resumed(Instance instance) {
    requireThatItCanDoItsWork(instance);
  }

  private void requireThatItCanDoItsWork(Instance instance) {
    if (!isFresh(instance)) {
      return;
    }
    for (long key : everActive) {
      if (mustKnow(instance, key)) {
        requireUsable(instance, key, "which was in use");
      }
    }
    if (!everActive.isEmpty()) {
      long key = simulation.chance().pick(everActive);
      if (mustKnow(instance, key)) {
        open(instance, key, archive.get(key));
      }
    }
  }

  /** That all is well when nothing fails any more. */
  void healed(Instance instance) {
    requireThatItCanDoItsWork(instance);
    require(
        instance.holds(simulation.cluster().current()), instance, "does not hold the newest keys");
    require(
        instance.status().problem() == null,
        instance,
        "has a problem: %s",
        instance.status().problem());
    everActive.forEach(key -> open(instance, key, archive.get(key)));
    KeysetMetadata metadata = instance.held().metadata();
    require(!metadata.active().compromised(), instance, "uses a compromised key still");
    Duration used = Duration.between(metadata.active().since(), simulation.now());
    Duration period = instance.configuration().policy().period();
    require(
        used.compareTo(period.plus(metadata.spare().orElseThrow().propagation()).plusDays(1)) < 0,
        instance,
        "uses its key for %s already",
        used);
  }

  private boolean isFresh(Instance instance) {
    Duration limit =
        simulation.setting().rule().maxStaleness().plus(simulation.setting().rule().drain());
    return instance.age().compareTo(limit) < 0;
  }

  /** Whether it is certain to know a key: the promotion rule says so, or it must have read it. */
  private boolean mustKnow(Instance instance, long key) {
    Early early = promotedEarly.get(key);
    return isFresh(instance)
        && (early == null || instance.provedAt().isAfter(early.at.minus(early.publishedFor)));
  }

  private void requireUsable(Instance instance, long key, String why) {
    require(
        instance.canUse(key) || takenAway.contains(key),
        instance,
        "lacks %s, %s; its last proved read is %s old",
        name(key),
        why,
        instance.age());
  }

  byte[] protect(Instance instance) {
    try {
      return instance.protect();
    } catch (GeneralSecurityException ex) {
      throw simulation.failure(instance, "cannot use its own key");
    }
  }

  private void open(Instance instance, long key, byte[] made) {
    if (takenAway.contains(key)) {
      return;
    }
    try {
      instance.open(made);
    } catch (GeneralSecurityException ex) {
      throw simulation.failure(instance, "cannot open what was made with " + name(key));
    }
  }

  /** Why one version does not follow another, or null: the rule in other words than the code's. */
  private @Nullable String objection(KeysetMetadata next, KeysetMetadata before) {
    // Forks may each have taken the other's active key out of use: a restore decides for one.
    boolean mayBeActiveAgain = next.restores() > before.restores();
    for (KeyMetadata key : before.keys()) {
      KeyMetadata after = next.find(key.id()).orElse(null);
      if (after == null) {
        return name(key.id()) + " is missing";
      }
      boolean back =
          switch (key.state()) {
            case PENDING -> false;
            case ACTIVE -> after.state() == KeyState.PENDING;
            case RETIRED, DISABLED, COMPROMISED, DESTROY_SCHEDULED ->
                after.state() == KeyState.PENDING
                    || (after.state() == KeyState.ACTIVE && !mayBeActiveAgain);
            case DESTROYED -> after.state() != KeyState.DESTROYED;
          };
      if (back) {
        return "%s is %s after %s".formatted(name(key.id()), after.state(), key.state());
      }
      if (key.times().containsKey(KeyState.COMPROMISED)
          && !after.times().containsKey(KeyState.COMPROMISED)) {
        return name(key.id()) + " is no longer known to be compromised";
      }
    }
    return null;
  }

  private void require(boolean condition, Instance who, String otherwise, Object... arguments) {
    if (!condition) {
      throw simulation.failure(who, otherwise.formatted(arguments));
    }
  }

  /**
   * A promotion before P was over.
   *
   * @param publishedFor for how long the key must have been published at least
   */
  private record Early(Instant at, Duration publishedFor) {}
}
