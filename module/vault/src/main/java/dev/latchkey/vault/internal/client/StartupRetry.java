package dev.latchkey.vault.internal.client;

import dev.latchkey.StoreUnavailableException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.retry.RetryListener;
import org.springframework.core.retry.RetryPolicy;
import org.springframework.core.retry.RetryState;
import org.springframework.core.retry.RetryTemplate;
import org.springframework.core.retry.Retryable;
import org.springframework.util.backoff.BackOff;
import org.springframework.util.backoff.BackOffExecution;

/**
 * Retries requests during startup while Vault is unavailable, all of them together no longer than
 * the policy's total. Until the first response, one thread retries, and all others wait for its
 * outcome. Whatever the policy, a request that exceeds a rate limit quota is repeated for a while.
 */
public final class StartupRetry {

  private static final Logger logger = LoggerFactory.getLogger(StartupRetry.class);

  private static final Duration QUOTA_TOTAL = Duration.ofSeconds(30);

  /** Applies where the application configures no retries. */
  private static final RetryPolicy QUOTA_ONLY =
      RetryPolicy.builder()
          .predicate(failure -> failure instanceof Outage outage && outage.answer.status() == 429)
          .maxRetries(Long.MAX_VALUE)
          .delay(Duration.ofMillis(200))
          .jitter(Duration.ofMillis(100))
          .multiplier(1.5)
          .maxDelay(Duration.ofSeconds(2))
          .timeout(QUOTA_TOTAL)
          .build();

  private final RetryPolicy policy;
  private final VaultAddress address;
  private final LongSupplier nanoTime;
  private volatile boolean answered;
  private volatile boolean over;
  private final AtomicBoolean limited = new AtomicBoolean();
  private volatile @Nullable Long begun;

  /**
   * @param policy for requests that find Vault unavailable; null for no retries
   */
  StartupRetry(@Nullable RetryPolicy policy, VaultAddress address, LongSupplier nanoTime) {
    this.policy = policy != null ? policy : QUOTA_ONLY;
    this.address = address;
    this.nanoTime = nanoTime;
  }

  /** Whether a later attempt can succeed; an untrusted certificate stays untrusted. */
  public static boolean isTemporary(@Nullable Throwable failure) {
    return failure instanceof Outage
        || failure instanceof StoreUnavailableException && !isTlsFailure(failure);
  }

  private static boolean isTlsFailure(@Nullable Throwable failure) {
    return failure != null && (failure instanceof SSLException || isTlsFailure(failure.getCause()));
  }

  /** Retries nothing from now on: a running application keeps what it has during an outage. */
  void startupIsOver() {
    over = true;
  }

  VaultAnswer execute(Supplier<VaultAnswer> request) {
    if (over) {
      return request.get();
    }
    return answered ? retry(request) : first(request);
  }

  private synchronized VaultAnswer first(Supplier<VaultAnswer> request) {
    if (begun == null) {
      begun = nanoTime.getAsLong();
    }
    if (answered || over) {
      return execute(request);
    }
    try {
      VaultAnswer answer = retry(request);
      answered = true;
      over = answer.isOutage();
      return answer;
    } catch (RuntimeException ex) {
      over = true; // the other requests of this startup would only fail later
      throw ex;
    }
  }

  private VaultAnswer retry(Supplier<VaultAnswer> request) {
    Duration left = left();
    if (left.isNegative()) {
      return request.get();
    }
    RetryTemplate retries = new RetryTemplate(new WithinTotal(policy, left));
    retries.setRetryListener(new AttemptLog());
    try {
      return retries.invoke(() -> answer(request));
    } catch (Outage outage) {
      return outage.answer;
    }
  }

  /** Zero if there is no limit; negative if it is reached. */
  private Duration left() {
    Duration total = policy.getTimeout();
    Long since = begun;
    if (total.isZero() || since == null) {
      return total;
    }
    Duration left = total.minusNanos(nanoTime.getAsLong() - since);
    return left.isZero() ? Duration.ofNanos(-1) : left;
  }

  private static VaultAnswer answer(Supplier<VaultAnswer> request) {
    VaultAnswer answer = request.get();
    if (answer.isOutage()) {
      throw new Outage(answer);
    }
    return answer;
  }

  /** Carries the response of an unavailable server through the retry template. */
  private static final class Outage extends RuntimeException {

    private final transient VaultAnswer answer;

    Outage(VaultAnswer answer) {
      super(answer.words());
      this.answer = answer;
    }
  }

  /** A policy for one request, which waits at least as long as Vault's {@code Retry-After} says. */
  private static final class WithinTotal implements RetryPolicy {

    private final RetryPolicy policy;
    private final Duration left;
    private Duration atLeast = Duration.ZERO;

    WithinTotal(RetryPolicy policy, Duration left) {
      this.policy = policy;
      this.left = left;
    }

    @Override
    public boolean shouldRetry(Throwable failure) {
      atLeast = failure instanceof Outage outage ? outage.answer.retryAfter() : Duration.ZERO;
      return policy.shouldRetry(failure);
    }

    @Override
    public Duration getTimeout() {
      return left;
    }

    @Override
    public BackOff getBackOff() {
      BackOff backOff = policy.getBackOff();
      return () -> {
        BackOffExecution delays = backOff.start();
        return () -> {
          long delay = delays.nextBackOff();
          return delay == BackOffExecution.STOP ? delay : Math.max(delay, atLeast.toMillis());
        };
      };
    }
  }

  private final class AttemptLog implements RetryListener {

    @Override
    public void onRetryableExecution(RetryPolicy policy, Retryable<?> retryable, RetryState state) {
      if (state.isSuccessful()) {
        return;
      }
      if (state.getLastException() instanceof Outage outage && outage.answer.status() == 429) {
        if (!limited.getAndSet(true)) {
          logger.info("{} limits the rate of requests: startup takes longer", address);
        }
      } else if (policy.shouldRetry(state.getLastException())) {
        logger.warn(
            "{} is not available yet (attempt {}): {}",
            address,
            state.getRetryCount() + 1,
            state.getLastException().getMessage());
      }
    }
  }
}
