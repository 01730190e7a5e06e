package dev.latchkey.key;

import dev.latchkey.LatchkeyException;
import java.util.List;

/**
 * What an application may do with a keyset.
 *
 * @since 0.1
 */
public enum KeysetAccess {
  /** Everything: the application owns, creates and rotates the keyset. */
  OWN,
  /** Use all keys. The owner of the keyset rotates it. */
  READ,
  /** Use the public keys. The private keys are never read. */
  PUBLIC;

  /** Whether the application writes the keyset; otherwise it only follows the owner's writes. */
  public boolean owns() {
    return this == OWN;
  }

  /** The Tink interfaces that a keyset of this family provides to such an application. */
  public List<Class<?>> interfaces(PrimitiveFamily family) {
    return family.interfaces().stream()
        .filter(type -> this != PUBLIC || PrimitiveFamily.needsPublicKeysOnly(type))
        .toList();
  }

  /**
   * Rejects a template whose keys are of no use to such an application.
   *
   * @param property the property that sets the access, for the message
   * @throws LatchkeyException if the keys are symmetric and only public keys are wanted
   */
  public void requireSupportedBy(KeysetTemplate template, String property) {
    if (this == PUBLIC && !template.family().hasPublicKeys()) {
      throw new LatchkeyException(
          "%s is 'public', but keys of template %s are symmetric and have no public half"
              .formatted(property, template.name()),
          "Set it to 'read', which needs the keys themselves, or name the owner's template for"
              + " signatures or hybrid encryption.");
    }
  }
}
