package dev.latchkey.keyset;

import com.google.crypto.tink.prf.Prf;
import com.google.crypto.tink.prf.PrfSet;
import java.security.GeneralSecurityException;
import java.util.Map;

/** The {@link PrfSet} that users hold; each call reads the current one once. */
final class LivePrfSet extends PrfSet {

  private final LiveKeyset.Slot<PrfSet> slot;

  LivePrfSet(LiveKeyset.Slot<PrfSet> slot) {
    this.slot = slot;
  }

  @Override
  public int getPrimaryId() {
    return slot.get().getPrimaryId();
  }

  @Override
  public Map<Integer, Prf> getPrfs() throws GeneralSecurityException {
    return slot.get().getPrfs();
  }

  @Override
  public byte[] computePrimary(byte[] input, int outputLength) throws GeneralSecurityException {
    return slot.toProtect().computePrimary(input, outputLength);
  }
}
