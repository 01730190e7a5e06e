package dev.latchkey.key;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * How often this instance used one key since it started.
 *
 * @param protectedCount how often the key encrypted, computed or signed
 * @param processedCount how often the key decrypted or verified successfully
 * @param lastProcessed when it last did, to the nearest refresh; null if it never did
 * @since 0.1
 */
public record KeyUsage(long protectedCount, long processedCount, @Nullable Instant lastProcessed) {

  /** A key that was not used. */
  public static final KeyUsage NONE = new KeyUsage(0, 0, null);
}
