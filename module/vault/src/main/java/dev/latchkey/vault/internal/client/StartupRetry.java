package dev.latchkey.vault.internal.client;

import dev.latchkey.StoreUnavailableException;
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

/**
 * Retries the first request while Vault is unavailable. One thread retries; all others wait for its
 * outcome. After the first result, whether a response or a failure, nothing is retried again.
 */
public final class StartupRetry {

  private static final Logger logger = LoggerFactory.getLogger(StartupRetry.class);

  private final @Nullable RetryPolicy policy;
  private final VaultAddress address;
  private volatile boolean over;

  StartupRetry(@Nullable RetryPolicy policy, VaultAddress address) {
    this.policy = policy;
    this.address = address;
    this.over = policy == null;
  }

  /** Whether a later attempt can succeed; an untrusted certificate stays untrusted. */
  public static boolean isTemporary(@Nullable Throwable failure) {
    return failure instanceof Outage
        || failure instanceof StoreUnavailableException && !isTlsFailure(failure);
  }

  private static boolean isTlsFailure(@Nullable Throwable failure) {
    return failure != null && (failure instanceof SSLException || isTlsFailure(failure.getCause()));
  }

  VaultAnswer execute(Supplier<VaultAnswer> request) {
    return over || policy == null ? request.get() : retry(policy, request);
  }

  private synchronized VaultAnswer retry(RetryPolicy policy, Supplier<VaultAnswer> request) {
    if (over) {
      return request.get();
    }
    RetryTemplate retries = new RetryTemplate(policy);
    retries.setRetryListener(new AttemptLog());
    try {
      return retries.invoke(() -> answer(request));
    } catch (Outage outage) {
      return outage.answer;
    } finally {
      over = true;
    }
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

  private final class AttemptLog implements RetryListener {

    @Override
    public void onRetryableExecution(RetryPolicy policy, Retryable<?> retryable, RetryState state) {
      if (!state.isSuccessful() && policy.shouldRetry(state.getLastException())) {
        logger.warn(
            "{} is not available yet (attempt {}): {}",
            address,
            state.getRetryCount() + 1,
            state.getLastException().getMessage());
      }
    }
  }
}
