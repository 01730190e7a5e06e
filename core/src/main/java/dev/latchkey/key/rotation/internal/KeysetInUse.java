package dev.latchkey.key.rotation.internal;

import dev.latchkey.LatchkeyException;
import dev.latchkey.key.KeyMetadata;
import dev.latchkey.key.KeysetMetadata;
import dev.latchkey.key.KeysetTemplate;
import dev.latchkey.key.document.internal.KeysetReading;
import dev.latchkey.key.internal.KeysetSnapshot;
import dev.latchkey.key.live.internal.KeysetRegistry;
import dev.latchkey.key.rotation.Freshness;
import dev.latchkey.key.rotation.RotationRefusedException;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.Objects;
import java.util.function.BiPredicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The generation of a keyset that this instance works with, and the rule which may take its place:
 * a successor. Whatever else the store shows freezes all writes until it shows one again.
 */
final class KeysetInUse {

  private final KeysetDefinition definition;
  private final String location;
  private final KeysetRegistry registry;
  private final Journal journal;
  private final BiPredicate<KeysetSnapshot, KeysetSnapshot> successorRule;
  private volatile @Nullable Held held;
  private volatile @Nullable String divergence;

  /**
   * @param location where the store keeps the keyset, for messages
   * @param successorRule whether its first argument may take the place of its second, which is held
   */
  KeysetInUse(
      KeysetDefinition definition,
      String location,
      KeysetRegistry registry,
      Journal journal,
      BiPredicate<KeysetSnapshot, KeysetSnapshot> successorRule) {
    this.definition = definition;
    this.location = location;
    this.registry = registry;
    this.journal = journal;
    this.successorRule = successorRule;
  }

  /** Where the store keeps the keyset, for messages. */
  String location() {
    return location;
  }

  /** What is held; there is something from the start on. */
  Held held() {
    return Objects.requireNonNull(held, "open() comes first");
  }

  /** What is held, or null before the start. */
  @Nullable KeysetSnapshot snapshot() {
    Held now = held;
    return (now != null) ? now.snapshot() : null;
  }

  KeysetMetadata metadata() {
    return held().snapshot().metadata();
  }

  /** Why nothing is written, or null: what the store holds does not follow what is held. */
  @Nullable String divergence() {
    return divergence;
  }

  /** How long ago the newest answer that was brought into use was asked for. */
  Duration sinceAnswer(Instant now) {
    return held().sinceAnswer(now);
  }

  /** How long ago what is held was proved to be the store's newest. */
  Freshness freshness(Instant now) {
    return held().freshness(now, definition.maxStaleness());
  }

  /**
   * Brings what the store answered into use.
   *
   * @param askedAt when it was asked for, by this instance's clock
   * @throws RotationRefusedException if it does not follow what is held
   */
  void accept(KeysetReading reading, Instant askedAt) {
    KeysetSnapshot next = reading.snapshot();
    Held now = held;
    KeysetSnapshot before = (now != null) ? now.snapshot() : null;
    if (before == null) {
      requireSamePrimitives(next);
      requireReach(next);
    } else if (!successorRule.test(next, before)) {
      throw diverged(
          "%s holds generation %d, which does not follow generation %d of keyset %s in use: it was rolled back or replaced"
              .formatted(location, next.generation(), before.generation(), name()));
    }
    if (next != before) {
      registry.publish(name(), next);
    }
    held = (now != null) ? now.followedBy(reading, askedAt) : Held.first(reading, askedAt);
    if (reading.proved()) {
      divergence = null;
    }
    if (next != before) {
      journal.followed(before, next);
    }
  }

  /** Whether this could take the place of what is held. */
  boolean mayFollow(KeysetSnapshot next) {
    return successorRule.test(next, held().snapshot());
  }

  /** The store says that it holds nothing. */
  RotationRefusedException gone() {
    return diverged("Keyset %s is gone from %s".formatted(name(), location));
  }

  /** Freezes all writes: each comes after an answer that was accepted, and this one was not. */
  private RotationRefusedException diverged(String what) {
    RotationRefusedException ex =
        new RotationRefusedException(
            what,
            "The keys in memory stay in use, and nothing is written. DO NOT RESTART: what starts now"
                + " works with what the store holds. "
                + (definition.access().owns()
                    ? "The action 'restore', on the instance that holds the newest keys, writes them back."
                    : "See what %s, its owner, says of it.".formatted(definition.id().owner())),
            null);
    divergence = Journal.text(ex);
    return ex;
  }

  private void requireSamePrimitives(KeysetSnapshot opened) {
    KeysetTemplate wanted = definition.template();
    for (KeyMetadata key : opened.metadata().keys()) {
      if (KeysetTemplate.of(key.template()).family() != wanted.family()) {
        throw new LatchkeyException(
            "Keyset %s is to be %s, but %s holds keys made by %s, which has other primitives"
                .formatted(name(), wanted.name(), location, key.template()),
            definition.access().owns()
                ? "Set latchkey.keysets.%s.template back to %s, or give the new keyset another name."
                    .formatted(name(), key.template())
                : "Set latchkey.keysets.%s.template to %s, as its owner has it."
                    .formatted(name(), key.template()));
      }
    }
  }

  /**
   * Whether its owner, if that is another application, gives this one the time that it needs. In an
   * emergency one key has less; the one beside it tells what is usual.
   */
  private void requireReach(KeysetSnapshot opened) {
    if (!definition.access().owns()) {
      KeysetMetadata metadata = opened.metadata();
      Stream.concat(Stream.of(metadata.active()), metadata.spare().stream())
          .map(KeyMetadata::propagation)
          .max(Comparator.naturalOrder())
          .ifPresent(longest -> definition.reach().checkForeign(definition.id(), longest));
    }
  }

  private String name() {
    return definition.id().name();
  }
}
