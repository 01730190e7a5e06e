package dev.latchkey.reencryption;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A stored ciphertext.
 *
 * @param id identifies it among the others
 * @param bytes the ciphertext
 * @param associatedData associated data that it was encrypted with
 * @param text its exact stored form, if it is stored as text
 * @since 0.1
 */
public record Ciphertext<I>(I id, byte[] bytes, byte[] associatedData, @Nullable String text) {

  public Ciphertext {
    Objects.requireNonNull(id);
    Objects.requireNonNull(bytes);
    Objects.requireNonNull(associatedData);
  }

  /** A ciphertext that is stored as bytes. */
  public Ciphertext(I id, byte[] bytes, byte[] associatedData) {
    this(id, bytes, associatedData, null);
  }

  @Override
  public String toString() {
    return "Ciphertext[%s, %d bytes]".formatted(id, bytes.length);
  }
}
