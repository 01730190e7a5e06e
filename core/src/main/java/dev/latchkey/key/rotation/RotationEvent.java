package dev.latchkey.key.rotation;

import dev.latchkey.key.KeyDestruction;
import dev.latchkey.key.KeyState;
import dev.latchkey.key.KeysetId;
import dev.latchkey.key.rotation.KeysetStatus.Freshness;
import org.jspecify.annotations.Nullable;

/**
 * Something that happened to a keyset, as this instance saw it. Holds no key material.
 *
 * @since 0.1
 */
public sealed interface RotationEvent {

  /** The keyset. */
  KeysetId keyset();

  /**
   * This instance created the keyset.
   *
   * @param activeKey the id of the key in use
   */
  record KeysetCreated(KeysetId keyset, long activeKey) implements RotationEvent {}

  /**
   * This instance or another one promoted a key.
   *
   * @param activeKey the id of the key in use
   * @param previousKey the id of the key that was in use before
   */
  record KeysetRotated(KeysetId keyset, long activeKey, long previousKey)
      implements RotationEvent {}

  /**
   * A key changed its state, or was added to the keyset.
   *
   * @param key its id
   * @param from the state before, or null if it is new
   * @param to the state now
   */
  record KeyStateChanged(KeysetId keyset, long key, @Nullable KeyState from, KeyState to)
      implements RotationEvent {}

  /**
   * A key was marked as compromised.
   *
   * @param key its id
   * @param active whether it stays in use until another key can replace it
   */
  record KeyCompromised(KeysetId keyset, long key, boolean active) implements RotationEvent {}

  /**
   * At its current rate, the active key reaches its usage limit before a spare can replace it.
   * Published once per key.
   *
   * @param key its id
   * @param operations how often it has protected something, on all instances
   * @param maxOperations its usage limit
   */
  record KeyUsageLimitApproaching(KeysetId keyset, long key, long operations, long maxOperations)
      implements RotationEvent {}

  /**
   * The bytes of a key are verified to be gone wherever they can be reached.
   *
   * @param key its id
   * @param by who requested it
   * @param receipt the evidence, and what is beyond reach
   */
  record KeyDestroyed(KeysetId keyset, long key, String by, KeyDestruction.Receipt receipt)
      implements RotationEvent {}

  /**
   * After a restore of the store from backup, an instance wrote the keys in its memory back.
   *
   * @param generation the generation that is now in the store
   */
  record KeysetRestored(KeysetId keyset, long generation) implements RotationEvent {}

  /**
   * The keyset could not be refreshed or rotated; the keys in memory stay in use. Published once
   * per reason.
   *
   * @param problem what failed, and how to fix it
   */
  record KeysetRefreshFailed(KeysetId keyset, String problem) implements RotationEvent {}

  /** The keyset was refreshed again after a failure. */
  record KeysetRefreshRecovered(KeysetId keyset) implements RotationEvent {}

  /**
   * The freshness of the keys in use changed.
   *
   * @param state the new state
   */
  record KeysetFreshnessChanged(KeysetId keyset, Freshness.State state) implements RotationEvent {}

  /**
   * A party other than its owner changed the public half of a keyset that this application owns. It
   * is being repaired, but applications that read it in between may trust an attacker's key.
   *
   * @param location where it is stored
   */
  record PublicHalfChanged(KeysetId keyset, String location) implements RotationEvent {}
}
