package dev.latchkey.reencryption;

import dev.latchkey.key.live.Reencryptor;
import dev.latchkey.reencryption.Ciphertexts.Replacement;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One run through ciphertexts: its counts, and what to write next. */
final class Run<I> {

  private static final Logger logger = LoggerFactory.getLogger(Reencryption.class);

  private static final int LOGGED_FAILURES = 10;
  private static final int LOG_INTERVAL = 100_000;

  private final Reencryptor reencryptor;
  private final Ciphertexts<I> ciphertexts;
  private final List<Replacement<I>> pending = new ArrayList<>();
  private final Map<Long, Long> found = new HashMap<>();
  private @Nullable I position;
  private @Nullable I taken;
  private long read;
  private long reencrypted;
  private long overtaken;
  private long failed;
  private long logged;

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
      reencrypt(ciphertext);
    }
  }

  private void reencrypt(Ciphertext<I> ciphertext) {
    try {
      pending.add(
          new Replacement<>(
              ciphertext, reencryptor.reencrypt(ciphertext.bytes(), ciphertext.associatedData())));
    } catch (GeneralSecurityException ex) {
      failed++;
      if (failed <= LOGGED_FAILURES) {
        logger.warn(
            "Cannot decrypt {} of the {} with keyset {} and its associated data; left unchanged{}",
            ciphertext.id(),
            ciphertexts.what(),
            reencryptor.keyset(),
            failed == LOGGED_FAILURES ? "; further ones are only counted" : "");
      }
    }
  }

  void write() {
    if (!pending.isEmpty()) {
      int replaced = ciphertexts.replace(List.copyOf(pending));
      reencrypted += replaced;
      overtaken += pending.size() - replaced;
      pending.clear();
    }
    position = taken;
    if (read / LOG_INTERVAL > logged) {
      logged = read / LOG_INTERVAL;
      log("so far");
    }
  }

  Progress<I> progress(boolean complete) {
    return new Progress<>(position, complete, read, reencrypted, overtaken, failed, found);
  }

  Progress<I> end(boolean complete) {
    log(complete ? "done" : "interrupted");
    return progress(complete);
  }

  private void log(String how) {
    logger.info(
        "Re-encryption of the {} with keyset {}, {}: {} read, {} re-encrypted, {} changed in the"
            + " meantime, {} not decrypted",
        ciphertexts.what(),
        reencryptor.keyset(),
        how,
        read,
        reencrypted,
        overtaken,
        failed);
  }
}
