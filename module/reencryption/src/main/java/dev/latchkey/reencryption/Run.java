package dev.latchkey.reencryption;

import dev.latchkey.key.live.Reencryptor;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One run through ciphertexts: what is to be written next, and what was counted so far. */
final class Run<I> {

  private static final Logger logger = LoggerFactory.getLogger(Reencryption.class);

  private static final int TOLD_FAILURES = 10;
  private static final int TOLD_EVERY = 100_000;

  private final Reencryptor reencryptor;
  private final Ciphertexts<I> ciphertexts;
  private final List<Renewed<I>> pending = new ArrayList<>();
  private final Map<Long, Long> found = new HashMap<>();
  private @Nullable I position;
  private @Nullable I taken;
  private long read;
  private long renewed;
  private long overtaken;
  private long failed;
  private long told;

  Run(Reencryptor reencryptor, Ciphertexts<I> ciphertexts, @Nullable I position) {
    this.reencryptor = reencryptor;
    this.ciphertexts = ciphertexts;
    this.position = position;
    this.taken = position;
  }

  void take(Ciphertext<I> ciphertext) {
    read++;
    taken = ciphertext.id();
    reencryptor.keyId(ciphertext.bytes()).ifPresent(key -> found.merge(key, 1L, Long::sum));
    if (reencryptor.needsReencryption(ciphertext.bytes())) {
      renew(ciphertext);
    }
  }

  private void renew(Ciphertext<I> ciphertext) {
    try {
      pending.add(
          new Renewed<>(
              ciphertext, reencryptor.reencrypt(ciphertext.bytes(), ciphertext.associatedData())));
    } catch (GeneralSecurityException ex) {
      failed++;
      if (failed <= TOLD_FAILURES) {
        logger.warn(
            "Of the {}, {} does not decrypt with keyset {} and its associated data: left as it"
                + " is{}",
            ciphertexts.what(),
            ciphertext.id(),
            reencryptor.keyset(),
            failed == TOLD_FAILURES ? "; others will only be counted" : "");
      }
    }
  }

  void write() {
    if (!pending.isEmpty()) {
      int replaced = ciphertexts.replace(List.copyOf(pending));
      renewed += replaced;
      overtaken += pending.size() - replaced;
      pending.clear();
    }
    position = taken;
    if (read / TOLD_EVERY > told) {
      told = read / TOLD_EVERY;
      tell("so far");
    }
  }

  Progress<I> progress(boolean complete) {
    return new Progress<>(position, complete, read, renewed, overtaken, failed, found);
  }

  Progress<I> end(boolean complete) {
    tell(complete ? "done" : "interrupted");
    return progress(complete);
  }

  private void tell(String how) {
    logger.info(
        "Re-encryption of the {} under keyset {}, {}: {} read, {} renewed, {} written by others"
            + " meanwhile, {} that do not decrypt",
        ciphertexts.what(),
        reencryptor.keyset(),
        how,
        read,
        renewed,
        overtaken,
        failed);
  }
}
