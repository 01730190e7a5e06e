package dev.latchkey.key.document;

import dev.latchkey.key.KeyDestruction.Fence;
import dev.latchkey.key.KeysetId;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Erases older generations of a keyset: from the store, and with the versions of its key-encryption
 * key that wrapped them. Every call checks the current state before it changes anything, so that
 * any instance can repeat it after a crash.
 *
 * <p>If the application lacks an operator's permissions, calls throw an {@link
 * OperatorNeededException} with the commands for an operator, and resume when they are repeated.
 *
 * @since 0.1
 */
public interface KeysetErasure {

  /**
   * Ensures that from now on the key-encryption key wraps with a newer version than it did for any
   * generation in the store.
   *
   * @param wrapped the newest generation, as wrapped by the key-encryption key
   * @return a ciphertext of nothing secret that the version of {@code wrapped} encrypted, and that
   *     still opens
   * @throws OperatorNeededException if an operator must do a part of it
   */
  String fence(KeysetId keyset, byte[] wrapped);

  /**
   * Whether a generation was wrapped after a fence was set.
   *
   * @param retained what {@link #fence} returned
   */
  boolean isBeyond(String retained, byte[] wrapped);

  /**
   * Erases every generation before the fence and what could unwrap it, and verifies the result. The
   * newest generation is beyond the fence.
   *
   * @param onTrust whether to assume done what the application may not verify
   * @throws OperatorNeededException if an operator must do a part of it
   * @throws dev.latchkey.LatchkeyException if it cannot be done or verified
   */
  Erased erase(KeysetId keyset, Fence fence, boolean onTrust);

  /** For a store that keeps the newest generation only, and no copies. */
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
   * The result of an erasure.
   *
   * @param evidence what proves it
   * @param beyondReach where copies may remain that cannot be reached from here
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
     * The result of an erasure from a store.
     *
     * @param copies where copies of the store's content may remain, in addition to the memory of
     *     processes
     */
    public static Erased from(List<String> evidence, String... copies) {
      return new Erased(evidence, Stream.concat(Stream.of(copies), MEMORY.stream()).toList());
    }
  }
}
