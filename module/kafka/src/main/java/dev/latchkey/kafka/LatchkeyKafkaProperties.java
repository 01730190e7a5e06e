package dev.latchkey.kafka;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Kafka clients that log in with a rotating secret.
 *
 * @param secret Name of the secret, as in latchkey.secrets, that provides username and password for
 *     Kafka clients.
 * @param usernameField Field of the secret that holds the username.
 * @param passwordField Field of the secret that holds the password.
 */
@ConfigurationProperties("latchkey.kafka")
record LatchkeyKafkaProperties(
    @Nullable String secret,
    @DefaultValue("username") String usernameField,
    @DefaultValue("password") String passwordField) {}
