package dev.latchkey.secret;

import org.jspecify.annotations.Nullable;

/**
 * A username and its password, both from one version of a secret. It is never printed.
 *
 * @param username null if the secret has no username
 * @param version the version of the secret, as {@link SecretValue#version()} counts
 * @since 0.1
 */
public record Credentials(@Nullable String username, String password, long version) {

  @Override
  public String toString() {
    return "Credentials[version=%d]".formatted(version);
  }
}
