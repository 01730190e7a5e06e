package dev.latchkey.reencryption;

import java.util.Iterator;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Stored ciphertexts in a stable order: the rows of a table ({@link JdbcColumn}), the objects of a
 * bucket ({@link #of}).
 *
 * @param <I> type of the ID that identifies a ciphertext, and after which a run resumes
 * @since 0.1
 */
public interface Ciphertexts<I> {

  /**
   * Reads ciphertexts in order, never more at the same time than fit into memory.
   *
   * @param position ID after which to start, or null for all
   * @param batch how many the caller processes together
   */
  Iterator<Ciphertext<I>> after(@Nullable I position, int batch);

  /**
   * Replaces ciphertexts, each only if it is unchanged since it was read. What another writer wrote
   * in the meantime is not overwritten.
   *
   * @param replacements at most one batch
   * @return how many were replaced
   */
  int replace(List<Replacement<I>> replacements);

  /**
   * How many ciphertexts start with these bytes.
   *
   * @return empty if only reading all of them would answer that
   */
  default OptionalLong countStartingWith(byte[] prefix) {
    return OptionalLong.empty();
  }

  /** Plural noun for messages, such as {@code rows of customer.iban}. */
  default String what() {
    return "ciphertexts";
  }

  /**
   * Ciphertexts that are read and written one at a time.
   *
   * @param what plural noun for messages
   */
  static <I> Ciphertexts<I> of(String what, Ids<I> ids, Reader<I> reader, Writer<I> writer) {
    return new CiphertextsById<>(what, ids, reader, writer);
  }

  /** Finds IDs. */
  @FunctionalInterface
  interface Ids<I> {

    /**
     * IDs in a stable order. They may be fetched lazily.
     *
     * @param position ID after which to start, or null for all
     */
    Iterator<I> after(@Nullable I position) throws Exception;
  }

  /** Reads a ciphertext. */
  @FunctionalInterface
  interface Reader<I> {

    /** The ciphertext of an ID, or null if it no longer exists. */
    @Nullable Ciphertext<I> read(I id) throws Exception;
  }

  /** Writes a ciphertext. */
  @FunctionalInterface
  interface Writer<I> {

    /**
     * Replaces {@code old} by {@code replacement} atomically.
     *
     * @return false if the stored ciphertext is not {@code old}; nothing was written
     */
    boolean write(I id, byte[] old, byte[] replacement) throws Exception;
  }

  /**
   * A ciphertext and its replacement.
   *
   * @param old the ciphertext as it was read
   * @param bytes the same plaintext, encrypted with the primary key
   */
  public record Replacement<I>(Ciphertext<I> old, byte[] bytes) {

    @Override
    public String toString() {
      return "Replacement[%s]".formatted(old.id());
    }
  }
}
