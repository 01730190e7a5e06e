package dev.latchkey.secret;

import dev.latchkey.secret.SecretValue.Kind;

/**
 * An event in the life of a rotating secret, as this instance saw it. It holds no value.
 *
 * @since 0.1
 */
public sealed interface SecretEvent {

  /** The secret's name. */
  String secret();

  /**
   * Another version is in use.
   *
   * @param kind how the secret changes
   * @param version the version in use, as {@link SecretValue#version()} counts
   * @param previousVersion the version that was in use before
   */
  record SecretRotated(String secret, Kind kind, long version, long previousVersion)
      implements SecretEvent {}

  /**
   * Latchkey failed to refresh the secret; the last good value stays in use. Published once for
   * each new reason.
   *
   * @param problem what failed, and how to fix it
   */
  record SecretRefreshFailed(String secret, String problem) implements SecretEvent {}

  /** Latchkey refreshes the secret again after a failure. */
  record SecretRefreshRecovered(String secret) implements SecretEvent {}

  /**
   * The secret is stale: the store has not confirmed it for longer than its maximum age, and
   * Latchkey refuses to serve it.
   */
  record SecretExpired(String secret) implements SecretEvent {}

  /** The store confirmed a secret that was stale, and Latchkey serves it again. */
  record SecretConfirmed(String secret) implements SecretEvent {}
}
