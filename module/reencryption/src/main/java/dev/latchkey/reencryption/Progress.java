package dev.latchkey.reencryption;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Progress of a run.
 *
 * @param position ID of the last ciphertext that is done, after which the next run resumes; null if
 *     there was none
 * @param complete whether all ciphertexts are done
 * @param read ciphertexts that were read
 * @param reencrypted ciphertexts that were re-encrypted with the primary key
 * @param overtaken ciphertexts that were not overwritten because they changed in the meantime
 * @param failed ciphertexts that could not be decrypted, and were not changed
 * @param found ciphertexts as they were read, by key ID
 * @since 0.1
 */
public record Progress<I>(
    @Nullable I position,
    boolean complete,
    long read,
    long reencrypted,
    long overtaken,
    long failed,
    Map<Long, Long> found) {

  public Progress {
    found = Map.copyOf(found);
  }

  /** How many were encrypted with the primary key already, or with the spare, which is next. */
  public long current() {
    return read - reencrypted - overtaken - failed;
  }
}
