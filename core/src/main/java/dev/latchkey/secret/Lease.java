package dev.latchkey.secret;

import java.time.Duration;

/**
 * The lease of credentials that the store creates for this application alone, and revokes at the
 * end of the lease.
 *
 * @param id the store's name for it; not a secret
 * @param duration how long it lasts from the time it was granted or renewed
 * @param renewable whether it can be renewed at all
 * @since 0.1
 */
public record Lease(String id, Duration duration, boolean renewable) {}
