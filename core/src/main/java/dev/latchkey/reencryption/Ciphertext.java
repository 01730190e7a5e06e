package dev.latchkey.reencryption;

import java.util.Objects;

/**
 * A ciphertext as it lies somewhere.
 *
 * @param id tells it from the others
 * @param bytes what lies there
 * @param associatedData what it was encrypted with
 * @since 0.1
 */
public record Ciphertext<I>(I id, byte[] bytes, byte[] associatedData) {

  public Ciphertext {
    Objects.requireNonNull(id);
    Objects.requireNonNull(bytes);
    Objects.requireNonNull(associatedData);
  }

  @Override
  public String toString() {
    return "Ciphertext[%s, %d bytes]".formatted(id, bytes.length);
  }
}
