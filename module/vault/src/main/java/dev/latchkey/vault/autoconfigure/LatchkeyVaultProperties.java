package dev.latchkey.vault.autoconfigure;

import dev.latchkey.LatchkeyException;
import dev.latchkey.autoconfigure.internal.Durations;
import dev.latchkey.vault.internal.client.StartupRetry;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.core.retry.RetryPolicy;

/**
 * Connection to Vault.
 *
 * @param uri Address of the Vault or OpenBao server, such as 'https://vault.example.org:8200'.
 * @param namespace Vault namespace.
 * @param ssl TLS settings of the connection.
 * @param allowPlainHttp Whether to allow plain http to a host other than this machine.
 * @param connectTimeout Connection timeout.
 * @param readTimeout Response timeout.
 * @param retry Retries during startup, until the server is available.
 */
@ConfigurationProperties(LatchkeyVaultProperties.PREFIX)
record LatchkeyVaultProperties(
    @Nullable String uri,
    @Nullable String namespace,
    @DefaultValue Ssl ssl,
    @DefaultValue("false") boolean allowPlainHttp,
    @DefaultValue("2s") Duration connectTimeout,
    @DefaultValue("3s") Duration readTimeout,
    @DefaultValue Retry retry) {

  static final String PREFIX = "latchkey.vault";

  LatchkeyVaultProperties {
    Durations.requirePositive(PREFIX + ".connect-timeout", connectTimeout);
    Durations.requirePositive(PREFIX + ".read-timeout", readTimeout);
  }

  /**
   * TLS settings of the connection.
   *
   * @param bundle Name of the SSL bundle under 'spring.ssl.bundle' with the trusted certificates
   *     and the client certificate.
   */
  record Ssl(@Nullable String bundle) {}

  /**
   * Retries during startup while the server is unreachable, sealed or not ready. A request that the
   * server rejects is never retried.
   *
   * @param attempts Maximum number of attempts. By default 1, or unlimited if 'total' is set.
   * @param interval Delay after the first attempt.
   * @param multiplier Multiplier of the delay after each further attempt.
   * @param total Maximum duration of all attempts. By default unlimited.
   */
  record Retry(
      @Nullable Integer attempts,
      @DefaultValue("1s") Duration interval,
      @DefaultValue("1.5") double multiplier,
      @Nullable Duration total) {

    private static final Duration MAX_DELAY = Duration.ofMinutes(1);

    Retry {
      Durations.requirePositive(PREFIX + ".retry.interval", interval);
      if (total != null) {
        Durations.requirePositive(PREFIX + ".retry.total", total);
      }
    }

    /** Null for a single attempt. */
    @Nullable RetryPolicy policy() {
      if (attempts != null && attempts < 1) {
        throw new LatchkeyException(
            "Invalid %s.retry.attempts '%d': expected 1 or more".formatted(PREFIX, attempts),
            "Set it to 1 to fail immediately, or to the number of attempts.");
      }
      if (!(multiplier >= 1 && multiplier <= 10)) {
        throw new LatchkeyException(
            "Invalid %s.retry.multiplier '%s': expected 1 to 10".formatted(PREFIX, multiplier),
            "Set it to 1 for a fixed delay, or to a factor of up to 10.");
      }
      if (attempts == null ? total == null : attempts == 1) {
        return null;
      }
      return RetryPolicy.builder()
          .predicate(StartupRetry::isTemporary)
          .maxRetries(attempts != null ? attempts - 1 : Long.MAX_VALUE)
          .delay(interval)
          .multiplier(multiplier)
          .maxDelay(interval.compareTo(MAX_DELAY) > 0 ? interval : MAX_DELAY)
          .timeout(total != null ? total : Duration.ZERO)
          .build();
    }
  }
}
