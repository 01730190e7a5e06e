package dev.latchkey.keyset;

import com.google.crypto.tink.mac.ChunkedMac;
import com.google.crypto.tink.mac.ChunkedMacComputation;
import com.google.crypto.tink.mac.ChunkedMacVerification;
import java.security.GeneralSecurityException;

/**
 * The {@link ChunkedMac} that users hold; each call reads the current one once. A verification
 * fails, or not, long after it was created, so that it is not counted.
 */
final class LiveChunkedMac implements ChunkedMac {

  private final LiveKeyset.Slot<ChunkedMac> slot;

  LiveChunkedMac(LiveKeyset.Slot<ChunkedMac> slot) {
    this.slot = slot;
  }

  @Override
  public ChunkedMacComputation createComputation() throws GeneralSecurityException {
    return slot.toProtect().createComputation();
  }

  @Override
  public ChunkedMacVerification createVerification(byte[] tag) throws GeneralSecurityException {
    return slot.get().createVerification(tag);
  }
}
