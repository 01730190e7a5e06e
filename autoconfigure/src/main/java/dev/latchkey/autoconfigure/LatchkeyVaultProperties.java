package dev.latchkey.autoconfigure;

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
 */
@ConfigurationProperties(LatchkeyVaultProperties.PREFIX)
record LatchkeyVaultProperties(
    @Nullable String uri,
    @Nullable String namespace,
    @DefaultValue Ssl ssl,
    @DefaultValue("false") boolean allowPlainHttp,
    @DefaultValue("2s") Duration connectTimeout,
    @DefaultValue("3s") Duration readTimeout) {

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
}
