package dev.latchkey.key.live.internal;

import dev.latchkey.key.internal.KeyIds;
import java.security.GeneralSecurityException;

/**
 * Gives a live primitive access to Tink's primitive of the generation in use. A call costs one
 * volatile read and allocates nothing: a {@link Call} must not capture anything.
 */
final class Slot<P> {

  private final CurrentGeneration current;
  private final int index;

  Slot(CurrentGeneration current, int index) {
    this.current = current;
    this.index = index;
  }

  /** The primitive in use, for calls that are not counted. */
  P get() {
    return in(current.get());
  }

  /** The primitive in use, for a call that uses the active key. */
  P toProtect() {
    Generation generation = current.get();
    generation.countProtected();
    return in(generation);
  }

  /**
   * Decrypts or verifies, and tries again if a newer generation is in use by then.
   *
   * @param keyId the key that is named, or {@link KeyIds#NONE}
   */
  <A, B, R> R process(long keyId, Call<P, A, B, R> call, A first, B second)
      throws GeneralSecurityException {
    Generation generation = current.get();
    try {
      R result = call.on(in(generation), first, second);
      generation.countProcessed(keyId);
      return result;
    } catch (GeneralSecurityException ex) {
      if (!current.isWorthRetrying(generation, keyId)) {
        throw ex;
      }
      return call.on(get(), first, second);
    }
  }

  @SuppressWarnings("unchecked")
  private P in(Generation generation) {
    return (P) generation.primitive(index);
  }

  /** A method of a primitive with two arguments. */
  @FunctionalInterface
  interface Call<P, A, B, R> {
    R on(P primitive, A first, B second) throws GeneralSecurityException;
  }
}
