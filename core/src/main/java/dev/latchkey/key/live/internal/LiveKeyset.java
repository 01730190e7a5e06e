package dev.latchkey.key.live.internal;

import com.google.crypto.tink.KeysetHandle;
import dev.latchkey.LatchkeyException;
import dev.latchkey.key.PrimitiveFamily;
import dev.latchkey.key.internal.KeyIds;
import dev.latchkey.key.internal.TinkKeys;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.LongConsumer;

/**
 * The primitives of one keyset that applications hold: the same objects while the keys behind them
 * are replaced.
 *
 * <p>All primitives of a keyset change at the same instant, so that each understands what another
 * one encrypts, signs or authenticates.
 */
final class LiveKeyset {

  private final PrimitiveFamily family;
  private final List<Class<?>> interfaces;
  private final Map<Class<?>, Object> primitives = new HashMap<>();
  private final CurrentGeneration current;
  private final UsageCounters usage = new UsageCounters();

  /**
   * @param interfaces what the keys are for: fewer than all of the family if only public keys are
   *     held
   * @param unknownKey called, on the calling thread, when a call names a key that is not held;
   *     returns whether to try again
   * @param failedKey called with the key that is named when a call fails for good
   */
  LiveKeyset(
      PrimitiveFamily family,
      List<Class<?>> interfaces,
      BooleanSupplier unknownKey,
      LongConsumer failedKey) {
    this.family = family;
    this.interfaces = interfaces;
    this.current = new CurrentGeneration(unknownKey, failedKey);
    for (Class<?> type : interfaces) {
      primitives.put(type, LivePrimitives.of(type, new Slot<>(current, primitives.size())));
    }
  }

  /**
   * The primitive of an interface: the same object each time.
   *
   * @throws LatchkeyException if keysets of this family have no such primitive
   */
  <P> P primitive(Class<P> type) {
    Object primitive = primitives.get(type);
    if (primitive == null) {
      throw new LatchkeyException(
          "A keyset of this template does not provide %s".formatted(type.getSimpleName()),
          "It provides %s: use that, or a keyset of another template.".formatted(names()));
    }
    return type.cast(primitive);
  }

  /**
   * Replaces the keyset behind every primitive. Changes nothing if it fails.
   *
   * @param spareId the key that is promoted next, or {@link KeyIds#NONE}
   * @throws LatchkeyException if the keyset holds keys of another family
   */
  void swap(KeysetHandle keyset, long spareId) {
    TinkKeys.register(family);
    try {
      List<Object> next = new ArrayList<>();
      for (Class<?> type : interfaces) {
        next.add(TinkKeys.primitive(keyset, type));
      }
      current.set(new Generation(next.toArray(), keyset, spareId, usage));
    } catch (GeneralSecurityException ex) {
      throw new LatchkeyException(
          "A keyset that must provide %s holds keys of another kind".formatted(names()),
          "Create a new keyset for another kind of keys. A keyset's template can only change to"
              + " one with the same primitives.",
          ex);
    }
  }

  private String names() {
    return PrimitiveFamily.names(interfaces);
  }

  PrimitiveFamily family() {
    return family;
  }

  /** The generation in use. */
  Generation generation() {
    return current.get();
  }

  /** How often this instance used each key. */
  UsageCounters usage() {
    return usage;
  }
}
