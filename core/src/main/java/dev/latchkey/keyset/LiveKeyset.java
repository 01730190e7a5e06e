package dev.latchkey.keyset;

import com.google.crypto.tink.KeysetHandle;
import dev.latchkey.LatchkeyException;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Map;
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
  private final Map<Class<?>, Object> live = new HashMap<>();

  /** Tink's primitives, in the order of the family; replaced as a whole, never changed. */
  private volatile Object @Nullable [] current;

  LiveKeyset(PrimitiveFamily family) {
    this.family = family;
    for (Primitive<?> primitive : family.primitives()) {
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
          "It gives %s: use that, or a keyset of another template."
              .formatted(family.interfaceNames()));
    }
    return type.cast(primitive);
  }

  /**
   * Replaces the keyset behind every primitive. Nothing changes if it fails.
   *
   * @throws LatchkeyException if the keyset holds keys of another family
   */
  void swap(KeysetHandle keyset) {
    family.register();
    try {
      var next = new ArrayList<>();
      for (Primitive<?> primitive : family.primitives()) {
        next.add(primitive.of(keyset));
      }
      current = next.toArray();
    } catch (GeneralSecurityException ex) {
      throw new LatchkeyException(
          "A keyset that should give %s holds other keys".formatted(family.interfaceNames()),
          "Use a new keyset for another kind of keys: a keyset's template can only change to one"
              + " with the same primitives.",
          ex);
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

    @SuppressWarnings("unchecked")
    P get() {
      Object[] current = keyset.current;
      if (current == null) {
        throw new IllegalStateException(
            "This keyset is not loaded yet: use it when the application context has started");
      }
      return (P) current[index];
    }
  }
}
