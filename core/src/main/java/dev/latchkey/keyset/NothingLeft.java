package dev.latchkey.keyset;

import dev.latchkey.keyset.KeyDestruction.Fence;
import java.util.List;

/** A write leaves nothing of the generation before. */
final class NothingLeft implements KeysetErasure {

  @Override
  public String fence(KeysetId keyset, byte[] wrapped) {
    return "";
  }

  @Override
  public boolean isBeyond(String retained, byte[] wrapped) {
    return true;
  }

  @Override
  public Erased erase(KeysetId keyset, Fence fence, boolean onTrust) {
    return Erased.from(List.of("The store keeps the newest generation only, in memory."));
  }
}
