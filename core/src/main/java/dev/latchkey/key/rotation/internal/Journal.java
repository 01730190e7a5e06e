package dev.latchkey.key.rotation.internal;

import dev.latchkey.LatchkeyException;
import dev.latchkey.key.KeyDestruction;
import dev.latchkey.key.KeyMetadata;
import dev.latchkey.key.KeyState;
import dev.latchkey.key.KeysetId;
import dev.latchkey.key.KeysetTemplate;
import dev.latchkey.key.internal.KeysetSnapshot;
import dev.latchkey.key.rotation.Freshness;
import dev.latchkey.key.rotation.KeyAction;
import dev.latchkey.key.rotation.KeysetStatus;
import dev.latchkey.key.rotation.OpenDestruction;
import dev.latchkey.key.rotation.RotationEvent;
import dev.latchkey.key.rotation.RotationEvent.KeyCompromised;
import dev.latchkey.key.rotation.RotationEvent.KeyDestroyed;
import dev.latchkey.key.rotation.RotationEvent.KeyStateChanged;
import dev.latchkey.key.rotation.RotationEvent.KeyWearsOut;
import dev.latchkey.key.rotation.RotationEvent.KeysetCreated;
import dev.latchkey.key.rotation.RotationEvent.KeysetFreshnessChanged;
import dev.latchkey.key.rotation.RotationEvent.KeysetRefreshFailed;
import dev.latchkey.key.rotation.RotationEvent.KeysetRefreshRecovered;
import dev.latchkey.key.rotation.RotationEvent.KeysetRestored;
import dev.latchkey.key.rotation.RotationEvent.KeysetRotated;
import dev.latchkey.key.rotation.RotationEvent.PublicHalfChanged;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells what happens to one keyset: in the log, as events and as counts; news once only. */
final class Journal {

  private static final Logger logger = LoggerFactory.getLogger(Rotator.class);

  private final KeysetId keyset;
  private final Consumer<? super RotationEvent> events;
  private final LongAdder refreshes = new LongAdder();
  private final LongAdder failures = new LongAdder();
  private final LongAdder rotations = new LongAdder();
  private final LongAdder failedRotations = new LongAdder();
  private volatile @Nullable String problem;
  private volatile @Nullable Long wornKey;
  private volatile Freshness.State freshness = Freshness.State.PROVEN;

  Journal(KeysetId keyset, Consumer<? super RotationEvent> events) {
    this.keyset = keyset;
    this.events = events;
  }

  /** Why the last attempt to read or rotate failed, or null if it succeeded. */
  @Nullable String problem() {
    return problem;
  }

  KeysetStatus.Counts counts() {
    return new KeysetStatus.Counts(
        refreshes.sum(), failures.sum(), rotations.sum(), failedRotations.sum());
  }

  void created(KeysetSnapshot first, String location) {
    long active = first.metadata().active().id();
    logger.info("Keyset {} was created at {}: key {} is active", keyset.name(), location, active);
    events.accept(new KeysetCreated(keyset, active));
  }

  void hasNoKeyIds(KeysetTemplate template, boolean rotates) {
    logger.warn(
        "Keyset {} is {}: what its keys make carries no key id, so each older key costs time on"
            + " every call. It {}; prefer {}",
        keyset.name(),
        template.name(),
        rotates ? "rotates all the same" : "does not rotate by itself",
        template.name().replace("_RAW", ""));
  }

  void followed(@Nullable KeysetSnapshot before, KeysetSnapshot next) {
    logger.debug("Keyset {}: generation {} is in use", keyset.name(), next.generation());
    if (before == null) {
      return;
    }
    long active = next.metadata().active().id();
    long previous = before.metadata().active().id();
    if (active != previous) {
      rotations.increment();
      logger.info(
          "Keyset {} rotated: key {} is active instead of {}", keyset.name(), active, previous);
      events.accept(new KeysetRotated(keyset, active, previous));
    }
    for (KeyMetadata key : next.metadata().keys()) {
      KeyState from = before.metadata().find(key.id()).map(KeyMetadata::state).orElse(null);
      if (from != key.state()) {
        events.accept(new KeyStateChanged(keyset, key.id(), from, key.state()));
      }
      tellCompromised(before.metadata().find(key.id()), key);
      tellDestroyed(before.metadata().find(key.id()), key);
    }
    if (next.metadata().restores() > before.metadata().restores()) {
      logger.warn(
          "Keyset {} was restored from the memory of an instance, as generation {}",
          keyset.name(),
          next.generation());
      events.accept(new KeysetRestored(keyset, next.generation()));
    }
  }

  private void tellCompromised(Optional<KeyMetadata> before, KeyMetadata key) {
    if (!key.compromised() || before.filter(KeyMetadata::compromised).isPresent()) {
      return;
    }
    boolean active = key.state() == KeyState.ACTIVE;
    logger.warn(
        "Keyset {}: key {} is marked as known to others{}",
        keyset.name(),
        key.id(),
        active ? "; it stays in use until another one takes its place" : "");
    events.accept(new KeyCompromised(keyset, key.id(), active));
  }

  private void tellDestroyed(Optional<KeyMetadata> before, KeyMetadata key) {
    KeyDestruction destruction = key.destruction();
    if (destruction == null || destruction.receipt() == null) {
      return;
    }
    if (before.map(KeyMetadata::destruction).map(KeyDestruction::receipt).isEmpty()) {
      logger.info(
          "Keyset {}: key {} is destroyed; {}",
          keyset.name(),
          key.id(),
          String.join(" ", destruction.receipt().evidence()));
      events.accept(new KeyDestroyed(keyset, key.id(), destruction.by(), destruction.receipt()));
    }
  }

  void destructionWaits(long key, OpenDestruction what) {
    logger.info(
        "Keyset {}: the destruction of key {} waits. {}. {}",
        keyset.name(),
        key,
        what.reason(),
        what.fix());
  }

  void overtaken() {
    logger.debug(
        "Keyset {}: another instance was first; the next refresh follows it", keyset.name());
  }

  void performed(KeyAction action, @Nullable Long key) {
    logger.info(
        "Keyset {}: {} done{}", keyset.name(), action.text(), key == null ? "" : " to " + key);
  }

  /** A promotion could not be written; why, is told by what comes of it. */
  void rotationFailed() {
    failedRotations.increment();
  }

  static String text(LatchkeyException ex) {
    return ex.getMessage() + ". " + ex.action();
  }

  void failed(LatchkeyException ex) {
    String text = text(ex);
    if (!text.equals(problem)) {
      logger.warn("Keyset {} keeps its keys in use, but: {}", keyset.name(), text);
      events.accept(new KeysetRefreshFailed(keyset, text));
    }
    problem = text;
    failures.increment();
  }

  void succeeded() {
    if (problem != null) {
      logger.info("Keyset {} follows its store again", keyset.name());
      events.accept(new KeysetRefreshRecovered(keyset));
    }
    problem = null;
    refreshes.increment();
  }

  void publicHalfChanged(String location) {
    logger.warn(
        "Keyset {}: somebody else changed its public half at {}; it is put right. Applications that"
            + " read it meanwhile may trust a key that is not ours: find out who wrote there, then"
            + " restart them",
        keyset.name(),
        location);
    events.accept(new PublicHalfChanged(keyset, location));
  }

  void usageUnknown(LatchkeyException ex) {
    logger.debug(
        "Keyset {}: the uses of its keys could not be added up: {}",
        keyset.name(),
        ex.getMessage());
  }

  void wearsTooFast(long key, long operations, long maxOperations) {
    if (wornKey == null || wornKey != key) {
      events.accept(new KeyWearsOut(keyset, key, operations, maxOperations));
      logger.warn(
          "Keyset {}: its active key protected {} times, and at that rate reaches its limit of {}"
              + " before a spare may take its place. Use the template XAES_256_GCM_192_BIT_NONCE,"
              + " which has no such limit",
          keyset.name(),
          operations,
          maxOperations);
    }
    wornKey = key;
  }

  void freshness(Freshness now, @Nullable Duration maxStaleness) {
    if (now.state() == freshness) {
      return;
    }
    freshness = now.state();
    events.accept(new KeysetFreshnessChanged(keyset, now.state()));
    switch (now.state()) {
      case PROVEN ->
          logger.info("Keyset {} is proved to be the store's newest again", keyset.name());
      case UNPROVEN ->
          logger.warn(
              "Keyset {}: the store's answers are not proved to be its newest. Its keys stay in use;"
                  + " no step is taken until one is",
              keyset.name());
      case STALE ->
          logger.warn(
              "Keyset {} is stale: nothing was proved to be the store's newest for {}, longer than"
                  + " latchkey.rotation.max-staleness ({}). Its keys stay in use; newer ones may be"
                  + " missing",
              keyset.name(),
              now.age(),
              maxStaleness);
    }
  }
}
