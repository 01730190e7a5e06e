package dev.latchkey.key.live.internal;

import dev.latchkey.key.KeyMetadata;
import dev.latchkey.key.KeyState;
import dev.latchkey.key.KeysetMetadata;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reports data that can no longer be decrypted or verified because of the state of its key. To the
 * caller, Tink only says that it failed.
 */
final class EndedKeys {

  private static final Logger logger = LoggerFactory.getLogger(EndedKeys.class);

  private static final long INTERVAL = Duration.ofMinutes(1).toNanos();

  private final String keyset;
  private final LongSupplier nanoTime;
  private final Map<Long, Long> reported = new ConcurrentHashMap<>();

  /**
   * @param nanoTime measures durations, as {@link System#nanoTime()} does
   */
  EndedKeys(String keyset, LongSupplier nanoTime) {
    this.keyset = keyset;
    this.nanoTime = nanoTime;
  }

  /** Reports a failure once a minute for each key. */
  void failed(KeysetMetadata metadata, long keyId) {
    metadata
        .find(keyId)
        .filter(key -> !remedy(key.state()).isEmpty())
        .filter(this::isDue)
        .ifPresent(
            key ->
                logger.warn(
                    "Keyset {}: data that names key {} was not accepted, since that key is {}. {}",
                    keyset,
                    key.id(),
                    key.state(),
                    remedy(key.state())));
  }

  private boolean isDue(KeyMetadata key) {
    long now = nanoTime.getAsLong();
    Long before = reported.get(key.id());
    if (before != null && now - before < INTERVAL) {
      return false;
    }
    reported.put(key.id(), now);
    return true;
  }

  private static String remedy(KeyState state) {
    return switch (state) {
      case DISABLED -> "The action 'enable' makes it usable again";
      case DESTROY_SCHEDULED -> "The action 'cancel-destroy' makes it usable again";
      case COMPROMISED -> "Its keyset rejects compromised keys";
      case DESTROYED -> "Its bytes are gone";
      case PENDING, ACTIVE, RETIRED -> "";
    };
  }
}
