package dev.latchkey.hikari;

import dev.latchkey.secret.LoginFields;
import java.time.Duration;

/**
 * How a pool uses its secret.
 *
 * @param fields where the secret holds user and password
 * @param drain how long a transaction may go on after its credentials were replaced
 * @since 0.1
 */
public record PoolSettings(LoginFields fields, Duration drain) {}
