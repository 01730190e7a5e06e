package dev.latchkey.reencryption;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How far a run came.
 *
 * @param position the id of the last ciphertext that is done: where the next run goes on; null if
 *     there was none
 * @param complete whether there are no more
 * @param read how many ciphertexts were read
 * @param renewed how many were brought under the primary key
 * @param overtaken how many were left alone because somebody else wrote them in the meantime
 * @param failed how many could not be decrypted; they were left as they are
 * @param found under which key they were found: how many, by key id
 * @since 0.1
 */
public record Progress<I>(
    @Nullable I position,
    boolean complete,
    long read,
    long renewed,
    long overtaken,
    long failed,
    Map<Long, Long> found) {

  public Progress {
    found = Map.copyOf(found);
  }

  /** How many were under the primary key already, or under the spare, which comes next. */
  public long current() {
    return read - renewed - overtaken - failed;
  }
}
