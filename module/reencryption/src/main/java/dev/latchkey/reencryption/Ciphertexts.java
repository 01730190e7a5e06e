package dev.latchkey.reencryption;

import java.util.Iterator;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Ciphertexts that lie somewhere, in an order that does not change: the rows of a table ({@link
 * JdbcColumn}), the objects of a bucket ({@link #of}).
 *
 * @param <I> the id that tells them apart, and after which a run goes on
 * @since 0.1
 */
public interface Ciphertexts<I> {

  /**
   * Reads ciphertexts in their order, no more of them at once than fit into memory.
   *
   * @param position the id that they come after, or null for all
   * @param batch how many are wanted at a time
   */
  Iterator<Ciphertext<I>> after(@Nullable I position, int batch);

  /**
   * Replaces ciphertexts, each only where it is still the old one: what somebody else wrote in the
   * meantime is left alone.
   *
   * @param renewed a batch at most
   * @return how many were replaced
   */
  int replace(List<Renewed<I>> renewed);

  /**
   * How many ciphertexts start with these bytes.
   *
   * @return empty if that can be told only by reading all
   */
  default OptionalLong countStartingWith(byte[] prefix) {
    return OptionalLong.empty();
  }

  /** What they are, in the plural, for messages: {@code rows of customer.iban}. */
  default String what() {
    return "ciphertexts";
  }

  /**
   * Ciphertexts that are read and written one by one.
   *
   * @param what what they are, in the plural, for messages
   */
  static <I> Ciphertexts<I> of(String what, Ids<I> ids, Reader<I> reader, Writer<I> writer) {
    return new CiphertextsById<>(what, ids, reader, writer);
  }

  /** Finds ids. */
  @FunctionalInterface
  interface Ids<I> {

    /**
     * Ids in an order that does not change; they may be fetched as they are asked for.
     *
     * @param position the id that they come after, or null for all
     */
    Iterator<I> after(@Nullable I position) throws Exception;
  }

  /** Reads a ciphertext. */
  @FunctionalInterface
  interface Reader<I> {

    /** What lies under an id, or null if nothing does any more. */
    @Nullable Ciphertext<I> read(I id) throws Exception;
  }

  /** Writes a ciphertext. */
  @FunctionalInterface
  interface Writer<I> {

    /**
     * Writes {@code renewed} in the place of {@code old}, in one step that nobody can come between.
     *
     * @return false if something else lay there; nothing was written
     */
    boolean write(I id, byte[] old, byte[] renewed) throws Exception;
  }
}
