package dev.latchkey.keyset;

import com.google.crypto.tink.KeysetHandle;
import dev.latchkey.LatchkeyException;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The primitives of one keyset, as users hold them: objects that stay the same while the keyset
 * behind them is replaced. A call on one of them costs one volatile read more than Tink's own.
 *
 * <p>All primitives of a keyset change in the same instant: what one of them encrypts, signs or
 * authenticates is understood by the others.
 */
final class LiveKeyset {

  private final PrimitiveFamily family;
  private final List<Primitive<?>> primitives;
  private final Map<Class<?>, Object> live = new HashMap<>();

  private final BooleanSupplier unknownKey;
  private final KeyUsage usage = new KeyUsage();

  private volatile @Nullable Generation current;

  /**
   * @param unknownKey asked, on the calling thread, when something names a key that is not held;
   *     tells whether the keyset was replaced meanwhile
   */
  LiveKeyset(PrimitiveFamily family, BooleanSupplier unknownKey) {
    this(family, family.primitives(), unknownKey);
  }

  /**
   * @param primitives what the keys are good for: fewer than all of the family where only public
   *     keys are held
   */
  LiveKeyset(PrimitiveFamily family, List<Primitive<?>> primitives, BooleanSupplier unknownKey) {
    this.family = family;
    this.primitives = primitives;
    this.unknownKey = unknownKey;
    for (Primitive<?> primitive : primitives) {
      live.put(primitive.type(), live(primitive, live.size()));
    }
  }

  private <P> P live(Primitive<P> primitive, int index) {
    return primitive.live().apply(new Slot<>(this, index));
  }

  /**
   * The stable object of an interface: the same one each time.
   *
   * @throws LatchkeyException if keysets of this family have no such primitive
   */
  <P> P primitive(Class<P> type) {
    Object primitive = live.get(type);
    if (primitive == null) {
      throw new LatchkeyException(
          "A keyset of this template gives no %s".formatted(type.getSimpleName()),
          "It gives %s: use that, or a keyset of another template.".formatted(names()));
    }
    return type.cast(primitive);
  }

  /** The same with a keyset that has no spare. */
  void swap(KeysetHandle keyset) {
    swap(keyset, KeyIds.NONE);
  }

  /**
   * Replaces the keyset behind every primitive. Nothing changes if it fails.
   *
   * @param spareId the key that is promoted next, or {@link KeyIds#NONE}
   * @throws LatchkeyException if the keyset holds keys of another family
   */
  void swap(KeysetHandle keyset, long spareId) {
    family.register();
    try {
      var next = new ArrayList<>();
      for (Primitive<?> primitive : primitives) {
        next.add(primitive.of(keyset));
      }
      current = new Generation(next.toArray(), keyset, spareId, usage);
    } catch (GeneralSecurityException ex) {
      throw new LatchkeyException(
          "A keyset that should give %s holds other keys".formatted(names()),
          "Use a new keyset for another kind of keys: a keyset's template can only change to one"
              + " with the same primitives.",
          ex);
    }
  }

  private String names() {
    return PrimitiveFamily.names(primitives.stream().<Class<?>>map(Primitive::type).toList());
  }

  PrimitiveFamily family() {
    return family;
  }

  /** The id of the active key; empty if what it makes does not carry it. */
  OptionalLong activeKeyId() {
    Generation generation = generation();
    return generation.holds(generation.activeId)
        ? OptionalLong.of(generation.activeId)
        : OptionalLong.empty();
  }

  /** Whether it is the spare, and leaves its id in what it makes. */
  boolean isSpare(long keyId) {
    Generation generation = generation();
    return keyId == generation.spareId && generation.holds(keyId);
  }

  /** Whether a key is held that leaves its id in what it makes. */
  boolean leavesId(long keyId) {
    return generation().holds(keyId);
  }

  private Generation generation() {
    Generation generation = current;
    if (generation == null) {
      throw new IllegalStateException(
          "This keyset is not loaded yet: use it when the application context has started");
    }
    return generation;
  }

  /** How often this instance used each key. */
  KeyUsage usage() {
    return usage;
  }

  /** What one swap brings; never changed. */
  private static final class Generation {

    /** Tink's primitives, in the order of the family. */
    private final Object[] primitives;

    private final long activeId;
    private final long spareId;
    private final KeyUsage.Counter active;

    /** The ids of all keys that can be told by what they made, in ascending order. */
    private final long[] ids;

    /** Their counters. */
    private final KeyUsage.Counter[] counters;

    private Generation(Object[] primitives, KeysetHandle keyset, long spareId, KeyUsage usage) {
      this.primitives = primitives;
      this.spareId = spareId;
      this.activeId = Integer.toUnsignedLong(keyset.getPrimary().getId());
      this.active = usage.counter(activeId);
      this.ids =
          IntStream.range(0, keyset.size())
              .mapToObj(keyset::getAt)
              .filter(entry -> entry.getKey().getIdRequirementOrNull() != null)
              .mapToLong(entry -> Integer.toUnsignedLong(entry.getId()))
              .sorted()
              .toArray();
      this.counters = Arrays.stream(ids).mapToObj(usage::counter).toArray(KeyUsage.Counter[]::new);
    }

    private void countProcessed(long keyId) {
      int index = Arrays.binarySearch(ids, keyId);
      if (index >= 0) {
        counters[index].countProcessed();
      }
    }

    /** Whether a key is named that another generation may hold. */
    private boolean lacks(long keyId) {
      return keyId != KeyIds.NONE && ids.length > 0 && !holds(keyId);
    }

    private boolean holds(long keyId) {
      return Arrays.binarySearch(ids, keyId) >= 0;
    }
  }

  /** Where a live primitive finds Tink's. */
  static final class Slot<P> {

    private final LiveKeyset keyset;
    private final int index;

    private Slot(LiveKeyset keyset, int index) {
      this.keyset = keyset;
      this.index = index;
    }

    P get() {
      return in(generation());
    }

    /** For a use of the active key, which is counted. */
    P toProtect() {
      Generation generation = generation();
      generation.active.countProtected();
      return in(generation);
    }

    /** Counts that something was processed which names {@code keyId}, or {@link KeyIds#NONE}. */
    void countProcessed(long keyId) {
      generation().countProcessed(keyId);
    }

    /**
     * What to try once more with, after {@code failed} could not process what names a key: a newer
     * keyset, if one came into use meanwhile, or does in time because the key is not held.
     *
     * @param keyId the key that is named, or {@link KeyIds#NONE}
     * @throws GeneralSecurityException the failure, if there is nothing newer
     */
    P newerThan(P failed, long keyId, GeneralSecurityException failure)
        throws GeneralSecurityException {
      if (get() == failed && !(generation().lacks(keyId) && keyset.unknownKey.getAsBoolean())) {
        throw failure;
      }
      return get();
    }

    @SuppressWarnings("unchecked")
    private P in(Generation generation) {
      return (P) generation.primitives[index];
    }

    private Generation generation() {
      return keyset.generation();
    }
  }
}
