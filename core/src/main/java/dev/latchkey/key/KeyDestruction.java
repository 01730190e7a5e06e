package dev.latchkey.key;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The progress of a key's destruction as recorded in the document of its keyset: requested, removed
 * from the document, or verified.
 *
 * @param by who requested it
 * @param fence what separates the generations without the key's bytes from those with them; null if
 *     nothing does yet
 * @param receipt the proof that it is complete; null if it is not
 * @since 0.1
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record KeyDestruction(String by, @Nullable Fence fence, @Nullable Receipt receipt) {

  public KeyDestruction {
    Objects.requireNonNull(by);
  }

  /**
   * What separates the generations without a key's bytes from those with them.
   *
   * @param generation the first without them; the key-encryption key wrapped it with a newer
   *     version than all before
   * @param retained a ciphertext of nothing secret, encrypted with the previous version, which must
   *     not open once the erasure is complete; empty if the key-encryption key has no versions
   */
  public record Fence(long generation, String retained) {

    public Fence {
      Objects.requireNonNull(retained);
    }
  }

  /**
   * The proof that a key's bytes are gone, as far as this can be verified.
   *
   * @param verifiedAt when it was verified, by the store's clock
   * @param evidence what was verified: which versions are gone, and what no longer opens
   * @param beyondReach where copies may remain that cannot be reached from here
   */
  public record Receipt(Instant verifiedAt, List<String> evidence, List<String> beyondReach) {

    public Receipt {
      Objects.requireNonNull(verifiedAt);
      evidence = List.copyOf(evidence);
      beyondReach = List.copyOf(beyondReach);
    }
  }
}
