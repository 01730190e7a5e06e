package dev.latchkey.key.internal;

import dev.latchkey.key.KeysetId;
import dev.latchkey.key.KeysetTemplate;
import java.time.Duration;

/**
 * What a keyset starts with where the store says that there never was one: new keys ({@link
 * KeysetEditor#create}), or such as were made elsewhere.
 *
 * @since 0.1
 */
@FunctionalInterface
public interface KeysetOrigin {

  /**
   * The first generation: an active key, a spare, and whatever else there is. Called only where
   * there is none, before anything is written.
   *
   * @param template what new keys are made by
   * @param propagation how long the spare must have been published before it is promoted
   * @throws dev.latchkey.LatchkeyException if there is nothing that the keyset could start with
   */
  KeysetEditor start(KeysetId keyset, KeysetTemplate template, Duration propagation);
}
