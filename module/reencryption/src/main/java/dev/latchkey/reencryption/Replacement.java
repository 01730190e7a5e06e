package dev.latchkey.reencryption;

/**
 * A ciphertext and its replacement.
 *
 * @param old the ciphertext as it was read
 * @param bytes the same plaintext, encrypted with the primary key
 * @since 0.1
 */
public record Replacement<I>(Ciphertext<I> old, byte[] bytes) {

  @Override
  public String toString() {
    return "Replacement[%s]".formatted(old.id());
  }
}
