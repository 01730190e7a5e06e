package dev.latchkey.key;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How far the destruction of a key came, as its keyset's document tells it: asked for, out of the
 * document, or verified.
 *
 * @param by who asked for it
 * @param fence what separates the generations that lack the key's bytes from those that hold them;
 *     null as long as nothing does
 * @param receipt what was verified; null as long as something is left to do
 * @since 0.1
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record KeyDestruction(String by, @Nullable Fence fence, @Nullable Receipt receipt) {

  public KeyDestruction {
    Objects.requireNonNull(by);
  }

  public static KeyDestruction askedForBy(String who) {
    return new KeyDestruction(who, null, null);
  }

  public KeyDestruction fenced(Fence fence) {
    return new KeyDestruction(by, fence, null);
  }

  public KeyDestruction verified(Receipt receipt) {
    return new KeyDestruction(by, null, receipt);
  }

  /**
   * What separates the generations that lack a key's bytes from those that hold them.
   *
   * @param generation the first that lacks them; the key-encryption key wrapped it under a newer
   *     version than all before
   * @param retained a ciphertext of nothing secret under the version before, which must be refused
   *     in the end; empty where the keeper of the key-encryption key knows no versions
   */
  public record Fence(long generation, String retained) {

    public Fence {
      Objects.requireNonNull(retained);
    }
  }

  /**
   * That a key's bytes are gone, as far as that can be verified.
   *
   * @param verifiedAt when, by the store's clock
   * @param evidence what was seen: which versions are gone, and what refused to open
   * @param beyondReach where copies may be left that nobody can reach from here
   */
  public record Receipt(Instant verifiedAt, List<String> evidence, List<String> beyondReach) {

    public Receipt {
      Objects.requireNonNull(verifiedAt);
      evidence = List.copyOf(evidence);
      beyondReach = List.copyOf(beyondReach);
    }
  }
}
