package dev.latchkey.secret;

import java.time.Duration;

/**
 * The loan of credentials that the store made for this application alone, and takes back at its
 * end.
 *
 * @param id the store's name of it; no secret
 * @param duration how long it lasts from the time it was given or renewed, unless it is renewed
 * @param renewable whether it can be renewed at all
 * @since 0.1
 */
public record Lease(String id, Duration duration, boolean renewable) {}
