package dev.latchkey.secret;

/**
 * Something that happened to a secret, as this instance saw it. Holds no value.
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
   * @param previousVersion the one that was in use before
   */
  record SecretRotated(String secret, SecretKind kind, long version, long previousVersion)
      implements SecretEvent {}

  /**
   * The secret could not be followed; the last good value stays in use. Told once for each new
   * reason.
   *
   * @param problem what failed, and how to fix it
   */
  record SecretRefreshFailed(String secret, String problem) implements SecretEvent {}

  /** The secret is followed again after a failure. */
  record SecretRefreshRecovered(String secret) implements SecretEvent {}

  /** The secret is not given any more: it was not confirmed for longer than its maximum age. */
  record SecretExpired(String secret) implements SecretEvent {}

  /** The store confirmed a secret that was withheld: it is given again. */
  record SecretConfirmed(String secret) implements SecretEvent {}
}
