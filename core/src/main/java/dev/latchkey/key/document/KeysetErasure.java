package dev.latchkey.key.document;

import dev.latchkey.key.KeyDestruction.Fence;
import dev.latchkey.key.KeysetId;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Erases what older generations of a keyset hold, where they lie: in the store, and with the keeper
 * of its key-encryption key. Every call looks at what is there before it changes anything, so that
 * it can be made again after a crash, by any instance.
 *
 * <p>Where the application lacks an operator's rights, calls throw an {@link
 * OperatorNeededException} with the commands for one, and go on from there when they are called
 * again.
 *
 * @since 0.1
 */
public interface KeysetErasure {

  /**
   * Makes sure that what is wrapped from now on is wrapped under a newer version of the
   * key-encryption key than any generation that stands in the store.
   *
   * @param wrapped the newest generation, as the key-encryption key wrapped it
   * @return a ciphertext of nothing secret under the version of {@code wrapped}, which opens now
   * @throws OperatorNeededException if somebody else has to do a part of it
   */
  String fence(KeysetId keyset, byte[] wrapped);

  /**
   * Whether a generation was wrapped after a fence was set.
   *
   * @param retained what {@link #fence} gave
   */
  boolean isBeyond(String retained, byte[] wrapped);

  /**
   * Erases every generation before the fence, and what could unwrap it, and looks whether that is
   * so. The newest generation lies beyond the fence.
   *
   * @param onTrust whether what the application may not look at is taken for done
   * @throws OperatorNeededException if somebody else has to do a part of it
   * @throws dev.latchkey.LatchkeyException if it cannot be done, or not be seen
   */
  Erased erase(KeysetId keyset, Fence fence, boolean onTrust);

  /** For a store that keeps the newest generation only, and nothing of it anywhere else. */
  static KeysetErasure nothingLeft() {
    return inOneStep(
        () -> Erased.from(List.of("The store keeps the newest generation only, in memory.")));
  }

  /**
   * For a store that keeps the newest generation only, and whose key-encryption key has one
   * version.
   *
   * @param erasing erases what the store held before
   */
  static KeysetErasure inOneStep(Supplier<Erased> erasing) {
    return new ErasureInOneStep(erasing);
  }

  /**
   * What was erased.
   *
   * @param evidence what was seen of that
   * @param beyondReach where copies may be left that nobody can reach from here
   */
  record Erased(List<String> evidence, List<String> beyondReach) {

    private static final List<String> MEMORY =
        List.of(
            "the memory of processes that had the key, until it is used for something else or they end; their heap dumps and core dumps",
            "swap space, and images of suspended machines");

    public Erased {
      evidence = List.copyOf(evidence);
      beyondReach = List.copyOf(beyondReach);
    }

    /**
     * What was erased from a store.
     *
     * @param copies where copies of what the store held may be left; the memory of processes comes
     *     on top of that
     */
    public static Erased from(List<String> evidence, String... copies) {
      return new Erased(evidence, Stream.concat(Stream.of(copies), MEMORY.stream()).toList());
    }
  }
}
