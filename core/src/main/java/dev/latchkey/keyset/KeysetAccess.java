package dev.latchkey.keyset;

import dev.latchkey.LatchkeyException;
import java.util.ArrayList;
import java.util.List;

/**
 * What an application may do with a keyset.
 *
 * @since 0.1
 */
public enum KeysetAccess {
  /** Everything: the application owns it, makes it and rotates it. */
  OWN,
  /** What its keys are good for, but no change: its owner rotates it. */
  READ,
  /** What its public keys are good for: the private ones are never read. */
  PUBLIC;

  /** Whether the application writes the keyset; otherwise it only follows what its owner writes. */
  public boolean owns() {
    return this == OWN;
  }

  /** The Tink interfaces that a keyset of this family gives to such an application. */
  public List<Class<?>> interfaces(PrimitiveFamily family) {
    return primitives(family).stream().<Class<?>>map(Primitive::type).toList();
  }

  /** Those, and the {@link Reencryptor} where its ciphertexts can be renewed. */
  public List<Class<?>> beans(PrimitiveFamily family) {
    List<Class<?>> beans = new ArrayList<>(interfaces(family));
    if (this != PUBLIC && family.canRenew()) {
      beans.add(Reencryptor.class);
    }
    return beans;
  }

  List<Primitive<?>> primitives(PrimitiveFamily family) {
    return family.primitives().stream()
        .filter(primitive -> this != PUBLIC || primitive.publicHalf())
        .toList();
  }

  /**
   * Refuses a template whose keys give nothing to such an application.
   *
   * @param property that of the access, for the message
   * @throws LatchkeyException if the keys are symmetric and only public ones are wanted
   */
  public void requireSupportedBy(KeysetTemplate template, String property) {
    if (this == PUBLIC && !template.family().hasPublicKeys()) {
      throw new LatchkeyException(
          "%s is 'public', but keys of %s have no public half: they are symmetric"
              .formatted(property, template.name()),
          "Set it to 'read', which needs the keys themselves, or name the template that the owner"
              + " uses, if it makes signatures or is for hybrid encryption.");
    }
  }
}
