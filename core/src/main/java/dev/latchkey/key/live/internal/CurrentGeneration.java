package dev.latchkey.key.live.internal;

import dev.latchkey.key.internal.KeyIds;
import java.util.function.BooleanSupplier;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/** The generation of a keyset that is in use: the one volatile field that every call reads. */
final class CurrentGeneration {

  private final BooleanSupplier unknownKey;
  private final LongConsumer failedKey;
  private volatile @Nullable Generation current;

  /**
   * @param unknownKey called, on the calling thread, when a call names a key that is not held;
   *     returns whether to try again
   * @param failedKey called with the key that is named when a call fails for good
   */
  CurrentGeneration(BooleanSupplier unknownKey, LongConsumer failedKey) {
    this.unknownKey = unknownKey;
    this.failedKey = failedKey;
  }

  Generation get() {
    Generation generation = current;
    if (generation == null) {
      throw new IllegalStateException(
          "This keyset is not loaded yet: use it after the application context has started");
    }
    return generation;
  }

  void set(Generation next) {
    current = next;
  }

  /**
   * Whether to try again after {@code failed} could not process something: a newer generation is in
   * use, or the key is not held and was fetched in time.
   *
   * @param keyId the key that is named, or {@link KeyIds#NONE}
   */
  boolean isWorthRetrying(Generation failed, long keyId) {
    if (get() != failed || (failed.lacks(keyId) && unknownKey.getAsBoolean())) {
      return true;
    }
    failedKey.accept(keyId);
    return false;
  }
}
