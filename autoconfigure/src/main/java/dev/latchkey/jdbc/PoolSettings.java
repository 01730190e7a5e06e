package dev.latchkey.jdbc;

import java.time.Duration;

/**
 * How a pool uses its secret.
 *
 * @param usernameField the secret's field that holds the user
 * @param passwordField the secret's field that holds the password
 * @param drain how long a transaction may go on after its credentials were replaced
 * @since 0.1
 */
public record PoolSettings(String usernameField, String passwordField, Duration drain) {}
