package dev.latchkey.secret;

/**
 * How a secret changes.
 *
 * @since 0.1
 */
public enum SecretKind {
  /** Somebody writes a new version of it; the store is asked for news at every refresh. */
  KV,
  /** The store makes credentials for this application alone, and takes them back. */
  LEASE,
  /** The store changes the password of one user by a schedule of its own. */
  STATIC_ROLE
}
