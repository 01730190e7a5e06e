package dev.latchkey.key.internal;

import dev.latchkey.key.KeysetId;
import dev.latchkey.key.KeysetTemplate;
import java.time.Duration;

/**
 * What a keyset starts with if the store says that it never existed: new keys ({@link
 * KeysetEditor#create}) or imported ones.
 */
@FunctionalInterface
public interface KeysetOrigin {

  /**
   * Prepares the first generation: an active key, a spare, and possibly other keys. Called only if
   * there is none, before anything is written.
   *
   * @param template the template that new keys are created from
   * @param propagation how long the spare must have been published before it is promoted
   * @throws dev.latchkey.LatchkeyException if the keyset cannot start
   */
  KeysetEditor start(KeysetId keyset, KeysetTemplate template, Duration propagation);
}
