package dev.latchkey.key.rotation;

import dev.latchkey.key.KeysetId;

/**
 * Counts what is still under a key, such as the rows of a table that it encrypted. As long as that
 * is something, or cannot be told, the key is not destroyed, nor disabled by itself. In a Spring
 * application, every bean of this type is asked.
 *
 * @since 0.1
 */
@FunctionalInterface
public interface KeyCensus {

  /**
   * How much is still under a key. Runs on the thread that is about to end the key, which may be
   * the one that refreshes all keysets: what takes more than ten seconds holds them up, and is
   * logged as a warning.
   *
   * @param keyset the key's; others than those that are counted have nothing under them
   * @param keyId as the endpoint shows it
   * @throws RuntimeException if it cannot be told
   */
  long count(KeysetId keyset, long keyId);

  /** What is counted, in the plural, for messages: {@code rows of customer.iban}. */
  default String what() {
    return "things";
  }
}
