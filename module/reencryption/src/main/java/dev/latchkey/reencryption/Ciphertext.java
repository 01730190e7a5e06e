package dev.latchkey.reencryption;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A ciphertext as it lies somewhere.
 *
 * @param id tells it from the others
 * @param bytes what lies there
 * @param associatedData what it was encrypted with
 * @param text how it lies there, to the letter, where that is as text
 * @since 0.1
 */
public record Ciphertext<I>(I id, byte[] bytes, byte[] associatedData, @Nullable String text) {

  public Ciphertext {
    Objects.requireNonNull(id);
    Objects.requireNonNull(bytes);
    Objects.requireNonNull(associatedData);
  }

  /** A ciphertext that lies there as bytes. */
  public Ciphertext(I id, byte[] bytes, byte[] associatedData) {
    this(id, bytes, associatedData, null);
  }

  @Override
  public String toString() {
    return "Ciphertext[%s, %d bytes]".formatted(id, bytes.length);
  }
}
