package dev.latchkey.key.rotation.internal;

import dev.latchkey.LatchkeyException;
import dev.latchkey.key.KeyDestruction;
import dev.latchkey.key.KeyMetadata;
import dev.latchkey.key.KeyState;
import dev.latchkey.key.KeysetId;
import dev.latchkey.key.KeysetMetadata;
import dev.latchkey.key.KeysetTemplate;
import dev.latchkey.key.rotation.KeyAction;
import dev.latchkey.key.rotation.KeysetStatus;
import dev.latchkey.key.rotation.KeysetStatus.Freshness;
import dev.latchkey.key.rotation.KeysetStatus.OpenDestruction;
import dev.latchkey.key.rotation.RotationEvent;
import dev.latchkey.key.rotation.RotationEvent.KeyCompromised;
import dev.latchkey.key.rotation.RotationEvent.KeyDestroyed;
import dev.latchkey.key.rotation.RotationEvent.KeyStateChanged;
import dev.latchkey.key.rotation.RotationEvent.KeyUsageLimitApproaching;
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

/** Logs what happens to one keyset, publishes it as events and counts it. */
final class RotationEvents {

  private static final Logger logger = LoggerFactory.getLogger(RotationEvents.class);

  private final KeysetId keyset;
  private final Consumer<? super RotationEvent> listener;

  private final LongAdder refreshes = new LongAdder();
  private final LongAdder failures = new LongAdder();
  private final LongAdder rotations = new LongAdder();
  private final LongAdder failedRotations = new LongAdder();

  private volatile @Nullable String problem;
  private volatile @Nullable Long keyNearLimit;
  private volatile Freshness.State freshness = Freshness.State.PROVEN;

  RotationEvents(KeysetId keyset, Consumer<? super RotationEvent> listener) {
    this.keyset = keyset;
    this.listener = listener;
  }

  /** Why the last attempt to read or rotate failed, or null if it succeeded. */
  @Nullable String problem() {
    return problem;
  }

  KeysetStatus.Counts counts() {
    return new KeysetStatus.Counts(
        refreshes.sum(), failures.sum(), rotations.sum(), failedRotations.sum());
  }

  void created(KeysetMetadata first, String location) {
    long active = first.active().id();
    logger.info("Keyset {}: created at {}, active key {}", keyset.name(), location, active);
    listener.accept(new KeysetCreated(keyset, active));
  }

  void hasNoKeyIds(KeysetTemplate template, boolean rotates) {
    logger.warn(
        "Keyset {}: output of {} carries no key id, so that each older key slows down every call."
            + " {}; prefer {}",
        keyset.name(),
        template.name(),
        rotates ? "It rotates anyway" : "It does not rotate automatically",
        template.name().replace("_RAW", ""));
  }

  void followed(@Nullable KeysetMetadata before, KeysetMetadata next, long generation) {
    logger.debug("Keyset {}: using generation {}", keyset.name(), generation);
    if (before == null) {
      return;
    }
    long active = next.active().id();
    long previous = before.active().id();
    if (active != previous) {
      rotations.increment();
      logger.info("Keyset {}: promoted key {} (previous {})", keyset.name(), active, previous);
      listener.accept(new KeysetRotated(keyset, active, previous));
    }
    for (KeyMetadata key : next.keys()) {
      Optional<KeyMetadata> earlier = before.find(key.id());
      KeyState from = earlier.map(KeyMetadata::state).orElse(null);
      if (from != key.state()) {
        listener.accept(new KeyStateChanged(keyset, key.id(), from, key.state()));
      }
      if (key.compromised() && earlier.filter(KeyMetadata::compromised).isEmpty()) {
        compromised(key);
      }
      KeyDestruction destruction = key.destruction();
      if (destruction != null
          && destruction.receipt() != null
          && earlier.map(KeyMetadata::destruction).map(KeyDestruction::receipt).isEmpty()) {
        destroyed(key.id(), destruction.by(), destruction.receipt());
      }
    }
    if (next.restores() > before.restores()) {
      logger.warn(
          "Keyset {}: restored from the memory of an instance as generation {}",
          keyset.name(),
          generation);
      listener.accept(new KeysetRestored(keyset, generation));
    }
  }

  private void compromised(KeyMetadata key) {
    boolean active = key.state() == KeyState.ACTIVE;
    logger.warn(
        "Keyset {}: key {} is marked as compromised{}",
        keyset.name(),
        key.id(),
        active ? " and stays in use until another key can replace it" : "");
    listener.accept(new KeyCompromised(keyset, key.id(), active));
  }

  private void destroyed(long key, String by, KeyDestruction.Receipt receipt) {
    logger.info(
        "Keyset {}: destroyed key {}. {}",
        keyset.name(),
        key,
        String.join(" ", receipt.evidence()));
    listener.accept(new KeyDestroyed(keyset, key, by, receipt));
  }

  void destructionWaits(long key, OpenDestruction destruction) {
    logger.info(
        "Keyset {}: the destruction of key {} is waiting. {}. {}",
        keyset.name(),
        key,
        destruction.reason(),
        destruction.fix());
  }

  void overtaken() {
    logger.debug(
        "Keyset {}: another instance wrote first; following it at the next refresh", keyset.name());
  }

  void performed(KeyAction action, @Nullable Long key) {
    logger.info(
        "Keyset {}: performed {}{}", keyset.name(), action.text(), key == null ? "" : " on " + key);
  }

  /** A promotion could not be written. Its exception is reported elsewhere. */
  void rotationFailed() {
    failedRotations.increment();
  }

  static String text(LatchkeyException ex) {
    return ex.getMessage() + ". " + ex.action();
  }

  void failed(LatchkeyException ex) {
    String text = text(ex);
    if (!text.equals(problem)) {
      logger.warn(
          "Keyset {}: refresh failed, the keys in memory stay in use. {}", keyset.name(), text);
      listener.accept(new KeysetRefreshFailed(keyset, text));
    }
    problem = text;
    failures.increment();
  }

  void succeeded() {
    if (problem != null) {
      logger.info("Keyset {}: refresh succeeded again", keyset.name());
      listener.accept(new KeysetRefreshRecovered(keyset));
    }
    problem = null;
    refreshes.increment();
  }

  void publicHalfChanged(String location) {
    logger.warn(
        "Keyset {}: its public half at {} was changed by a party other than its owner, and is being"
            + " repaired. Find out who wrote it, then restart applications that may have read it",
        keyset.name(),
        location);
    listener.accept(new PublicHalfChanged(keyset, location));
  }

  void usageUnknown(LatchkeyException ex) {
    logger.debug(
        "Keyset {}: could not add up the usage of its keys: {}", keyset.name(), ex.getMessage());
  }

  void approachesUsageLimit(long key, long operations, long maxOperations) {
    if (keyNearLimit == null || keyNearLimit != key) {
      listener.accept(new KeyUsageLimitApproaching(keyset, key, operations, maxOperations));
      logger.warn(
          "Keyset {}: at its current rate, key {} ({} operations) exceeds its usage limit of {} before"
              + " a spare can replace it. Template XAES_256_GCM_192_BIT_NONCE has no such limit",
          keyset.name(),
          key,
          operations,
          maxOperations);
    }
    keyNearLimit = key;
  }

  void freshness(Freshness now, @Nullable Duration maxStaleness) {
    if (now.state() == freshness) {
      return;
    }
    freshness = now.state();
    listener.accept(new KeysetFreshnessChanged(keyset, now.state()));
    switch (now.state()) {
      case PROVEN -> logger.info("Keyset {}: proved to be the store's newest again", keyset.name());
      case UNPROVEN ->
          logger.warn(
              "Keyset {}: the store's responses are not proved to be its newest. The keys stay in use;"
                  + " no step is taken until a response is proved",
              keyset.name());
      case STALE ->
          logger.warn(
              "Keyset {} is stale: not proved to be the store's newest for {}, longer than"
                  + " max-staleness ({}). The keys stay in use; newer ones may be"
                  + " missing",
              keyset.name(),
              now.age(),
              maxStaleness);
    }
  }
}
