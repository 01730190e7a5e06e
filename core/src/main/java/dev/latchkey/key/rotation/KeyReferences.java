package dev.latchkey.key.rotation;

import dev.latchkey.key.KeysetId;

/**
 * Counts the data that is still encrypted with a key, such as the rows of a table. As long as there
 * is some, or it cannot be counted, Latchkey neither destroys the key nor disables it
 * automatically. In a Spring application, Latchkey uses every bean of this type.
 *
 * @since 0.1
 */
@FunctionalInterface
public interface KeyReferences {

  /**
   * Counts what is still encrypted with a key. Runs on the thread that is about to end the use of
   * the key, which may be the one that refreshes all keysets: a count that takes more than ten
   * seconds delays them, and is logged as a warning.
   *
   * @param keyset the keyset of the key; return 0 for keysets other than those you count
   * @param keyId the id of the key, as the endpoint shows it
   * @throws RuntimeException if it cannot be counted
   */
  long count(KeysetId keyset, long keyId);

  /** What is counted, in the plural, for messages: {@code rows of customer.iban}. */
  default String what() {
    return "references";
  }
}
