package dev.latchkey.vault.internal.client;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.ssl.SslBundle;
import org.springframework.core.retry.RetryPolicy;

/**
 * How to connect to Vault.
 *
 * @param uri address of the server
 * @param allowPlainHttp whether plain http is allowed to a host other than this machine
 * @param namespace Vault namespace, or null
 * @param sslBundle trust and key material, or null for the JDK's defaults
 * @param connectTimeout timeout of a connection attempt
 * @param readTimeout timeout of a response
 * @param proofInterval how long a read proof is used before the next one
 * @param proofRetry delay after a failed read proof, shorter than a refresh interval because no
 *     keyset rotates until a proof succeeds
 * @param startupRetry retries requests of a startup until Vault is available; null to fail
 *     immediately
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
    @Nullable RetryPolicy startupRetry) {}
