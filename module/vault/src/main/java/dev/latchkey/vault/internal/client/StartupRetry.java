package dev.latchkey.vault.internal.client;

import dev.latchkey.LatchkeyException;
import dev.latchkey.StoreUnavailableException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Waits for a server that is not up yet. One request asks again and again; all others wait for what
 * comes of it. What a server says that is up (denied, not found, no such mount) is never asked
 * again, nor is anything once it was up.
 */
final class StartupRetry {

  private static final Logger logger = LoggerFactory.getLogger(StartupRetry.class);

  private final Patience patience;
  private final VaultAddress address;
  private volatile boolean over;

  StartupRetry(Patience patience, VaultAddress address) {
    this.patience = patience;
    this.address = address;
    this.over = patience.attempts() == 1;
  }

  VaultAnswer to(Supplier<VaultAnswer> request) {
    return over ? request.get() : await(request);
  }

  private synchronized VaultAnswer await(Supplier<VaultAnswer> request) {
    long begin = System.nanoTime();
    for (int attempt = 1; ; attempt++) {
      Duration pause = patience.after(attempt);
      boolean last = over || attempt == patience.attempts() || isTooLong(begin, pause);
      try {
        VaultAnswer answer = request.get();
        if (last || !answer.isOutage()) {
          over = true;
          return answer;
        }
        tell(attempt, pause, answer.words());
      } catch (StoreUnavailableException ex) {
        if (last || isForGood(ex)) {
          over = true;
          throw ex;
        }
        tell(attempt, pause, String.valueOf(ex.getMessage()));
      } catch (LatchkeyException ex) {
        over = true;
        throw ex;
      }
      sleep(pause);
    }
  }

  private boolean isTooLong(long begin, Duration pause) {
    Duration total = patience.total();
    return total != null && System.nanoTime() - begin + pause.toNanos() > total.toNanos();
  }

  /** A certificate that is not trusted will not be trusted later. */
  private static boolean isForGood(@Nullable Throwable failure) {
    return failure != null && (failure instanceof SSLException || isForGood(failure.getCause()));
  }

  private void tell(int attempt, Duration pause, String why) {
    logger.warn(
        "{} is not up yet ({}): attempt {}{}, the next one in {} ms",
        address,
        why,
        attempt,
        patience.attempts() == Integer.MAX_VALUE ? "" : " of " + patience.attempts(),
        pause.toMillis());
  }

  private static void sleep(Duration pause) {
    try {
      TimeUnit.NANOSECONDS.sleep(pause.toNanos());
    } catch (InterruptedException ex) {
      Thread.currentThread().interrupt();
      throw new StoreUnavailableException(
          "The wait for Vault was interrupted", "Start the application again.", ex);
    }
  }
}
