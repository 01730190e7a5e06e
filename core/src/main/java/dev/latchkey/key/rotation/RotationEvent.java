package dev.latchkey.key.rotation;

import dev.latchkey.key.KeyDestruction;
import dev.latchkey.key.KeyState;
import dev.latchkey.key.KeysetId;
import org.jspecify.annotations.Nullable;

/**
 * Something that happened to a keyset, as this instance saw it. Holds no key bytes.
 *
 * @since 0.1
 */
public sealed interface RotationEvent {

  /** Whose. */
  KeysetId keyset();

  /**
   * This instance made the keyset.
   *
   * @param activeKey the id of the key in use
   */
  record KeysetCreated(KeysetId keyset, long activeKey) implements RotationEvent {}

  /**
   * Another key is in use, promoted by this instance or another.
   *
   * @param activeKey its id
   * @param previousKey the id of the one that was in use before
   */
  record KeysetRotated(KeysetId keyset, long activeKey, long previousKey)
      implements RotationEvent {}

  /**
   * A key came into another state, or into the keyset.
   *
   * @param key its id
   * @param from the state before, or null if it is new
   * @param to the state now
   */
  record KeyStateChanged(KeysetId keyset, long key, @Nullable KeyState from, KeyState to)
      implements RotationEvent {}

  /**
   * A key is known to others, as somebody said.
   *
   * @param key its id
   * @param active whether it is still in use, until another one can take its place
   */
  record KeyCompromised(KeysetId keyset, long key, boolean active) implements RotationEvent {}

  /**
   * The key in use reaches the number of its uses before a spare may take its place. Told once.
   *
   * @param key its id
   * @param operations how often it has protected something, on all instances
   * @param maxOperations how often it may
   */
  record KeyWearsOut(KeysetId keyset, long key, long operations, long maxOperations)
      implements RotationEvent {}

  /**
   * A key's bytes are verified to be gone, as far as they can be reached.
   *
   * @param key its id
   * @param by who asked for it
   * @param receipt what was seen of that, and what is beyond reach
   */
  record KeyDestroyed(KeysetId keyset, long key, String by, KeyDestruction.Receipt receipt)
      implements RotationEvent {}

  /**
   * The store had gone back, and holds all keys again, from the memory of an instance.
   *
   * @param generation which generation of the keyset that is now in the store
   */
  record KeysetRestored(KeysetId keyset, long generation) implements RotationEvent {}

  /**
   * The keyset could not be followed or rotated; the keys in memory stay in use. Told once for each
   * new reason.
   *
   * @param problem what failed, and how to fix it
   */
  record KeysetRefreshFailed(KeysetId keyset, String problem) implements RotationEvent {}

  /** The keyset is followed again after a failure. */
  record KeysetRefreshRecovered(KeysetId keyset) implements RotationEvent {}

  /**
   * What is known of how far the keys in use may be behind the store changed.
   *
   * @param state what is known now
   */
  record KeysetFreshnessChanged(KeysetId keyset, Freshness.State state) implements RotationEvent {}

  /**
   * Somebody else changed the public half of a keyset of this application's own. It is put right,
   * but whoever read it meanwhile may trust a key that is not ours.
   *
   * @param location where it lies in the store
   */
  record PublicHalfChanged(KeysetId keyset, String location) implements RotationEvent {}
}
