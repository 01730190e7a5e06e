package dev.latchkey.vault.autoconfigure;

import dev.latchkey.autoconfigure.internal.Durations;
import dev.latchkey.vault.internal.client.Patience;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How to reach Vault.
 *
 * @param uri Address of the Vault or OpenBao server, such as 'https://vault.example.org:8200'.
 * @param namespace Namespace to work in.
 * @param ssl TLS to the server.
 * @param allowPlainHttp Whether plain http is allowed to a host other than this machine.
 * @param connectTimeout How long to wait for a connection.
 * @param readTimeout How long to wait for an answer.
 * @param retry How long a start waits for a server that comes up later.
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
   * TLS to the server.
   *
   * @param bundle Name of the SSL bundle, under 'spring.ssl.bundle', that holds what to trust and
   *     what to show.
   */
  record Ssl(@Nullable String bundle) {}

  /**
   * How long a start waits for a server that is not up: one that cannot be reached, is sealed, or
   * does not serve yet. What a server refuses is never tried again.
   *
   * @param attempts How often to try at most. By default once, or as often as 'total' allows where
   *     that is set.
   * @param interval How long to wait after the first attempt.
   * @param multiplier How many times longer to wait after each further attempt.
   * @param total How long all attempts may take; unset if that is not limited.
   */
  record Retry(
      @Nullable Integer attempts,
      @DefaultValue("1s") Duration interval,
      @DefaultValue("1.5") double multiplier,
      @Nullable Duration total) {

    Retry {
      Durations.requirePositive(PREFIX + ".retry.interval", interval);
      if (total != null) {
        Durations.requirePositive(PREFIX + ".retry.total", total);
      }
    }

    Patience patience() {
      int most = attempts != null ? attempts : total != null ? Integer.MAX_VALUE : 1;
      return new Patience(most, interval, multiplier, total);
    }
  }
}
