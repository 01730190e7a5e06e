package dev.latchkey.autoconfigure;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How to reach Vault and how to log in there.
 *
 * @param uri Address of the Vault or OpenBao server, such as 'https://vault.example.org:8200'.
 * @param namespace Namespace to work in.
 * @param authentication How to log in.
 * @param token Token to log in with, better given through the environment or 'token-file'.
 * @param tokenFile File that holds the token, read at every login, so that Vault Agent may replace
 *     it.
 * @param ssl TLS to the server.
 * @param allowPlainHttp Whether plain http is allowed to a host other than this machine.
 * @param requireExternalCredentials Whether credentials that stand in a configuration file or on
 *     the command line are refused instead of warned about.
 * @param connectTimeout How long to wait for a connection.
 * @param readTimeout How long to wait for an answer.
 */
@ConfigurationProperties(LatchkeyVaultProperties.PREFIX)
record LatchkeyVaultProperties(
    @Nullable String uri,
    @Nullable String namespace,
    @DefaultValue("token") Authentication authentication,
    @Nullable String token,
    @Nullable String tokenFile,
    @DefaultValue Ssl ssl,
    @DefaultValue("false") boolean allowPlainHttp,
    @DefaultValue("false") boolean requireExternalCredentials,
    @DefaultValue("2s") Duration connectTimeout,
    @DefaultValue("3s") Duration readTimeout) {

  static final String PREFIX = "latchkey.vault";

  LatchkeyVaultProperties {
    Durations.requirePositive(PREFIX + ".connect-timeout", connectTimeout);
    Durations.requirePositive(PREFIX + ".read-timeout", readTimeout);
  }

  /** How to log in. */
  enum Authentication {

    /** With a token that is given, in a property or in a file. */
    TOKEN
  }

  /**
   * TLS to the server.
   *
   * @param bundle Name of the SSL bundle, under 'spring.ssl.bundle', that holds what to trust and
   *     what to show.
   */
  record Ssl(@Nullable String bundle) {}

  @Override
  public String toString() {
    return "LatchkeyVaultProperties[uri=%s, namespace=%s, authentication=%s]"
        .formatted(uri, namespace, authentication);
  }
}
