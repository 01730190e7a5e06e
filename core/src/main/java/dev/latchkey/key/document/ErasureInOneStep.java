package dev.latchkey.key.document;

import dev.latchkey.key.KeyDestruction.Fence;
import dev.latchkey.key.KeysetId;
import java.util.function.Supplier;

/** Erases without a fence: the key-encryption key has one version. */
record ErasureInOneStep(Supplier<Erased> erasing) implements KeysetErasure {

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
    return erasing.get();
  }
}
