package dev.latchkey.redis;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Redis connections that log in with a rotating secret.
 *
 * @param secret Name of the secret, as in latchkey.secrets, that provides username and password for
 *     Redis connections.
 * @param usernameField Field of the secret that holds the username. If the secret has no such
 *     field, connections log in as Redis's default user.
 * @param passwordField Field of the secret that holds the password.
 */
@ConfigurationProperties("latchkey.redis")
record LatchkeyRedisProperties(
    @Nullable String secret,
    @DefaultValue("username") String usernameField,
    @DefaultValue("password") String passwordField) {}
