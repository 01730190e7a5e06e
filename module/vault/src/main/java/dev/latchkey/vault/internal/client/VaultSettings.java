package dev.latchkey.vault.internal.client;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.ssl.SslBundle;

/**
 * How to reach the server.
 *
 * @param uri its address
 * @param allowPlainHttp whether http is allowed to another machine
 * @param namespace the namespace to work in, or null
 * @param sslBundle trust and key material, or null for the JDK's
 * @param connectTimeout how long to wait for a connection
 * @param readTimeout how long to wait for an answer
 * @param proofInterval how long one proof that answers are new serves
 * @param proofRetry how soon after a failed proof another is tried: within a refresh, since nothing
 *     rotates until one succeeds
 * @param patience how long a start waits for the server
 * @since 0.1
 */
public record VaultSettings(
    String uri,
    boolean allowPlainHttp,
    @Nullable String namespace,
    @Nullable SslBundle sslBundle,
    Duration connectTimeout,
    Duration readTimeout,
    Duration proofInterval,
    Duration proofRetry,
    Patience patience) {}
