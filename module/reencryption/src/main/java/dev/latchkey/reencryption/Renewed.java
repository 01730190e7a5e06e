package dev.latchkey.reencryption;

/**
 * A ciphertext, and what is to take its place.
 *
 * @param old what was read
 * @param bytes the same plaintext under the primary key
 * @since 0.1
 */
public record Renewed<I>(Ciphertext<I> old, byte[] bytes) {

  @Override
  public String toString() {
    return "Renewed[%s]".formatted(old.id());
  }
}
