package dev.latchkey.secret;

/**
 * How a secret changes. Latchkey detects the kind from the store's response.
 *
 * @since 0.1
 */
public enum SecretKind {

  /** An operator or a program writes new versions; Latchkey polls the store for them. */
  KV,

  /** The store creates credentials for this application alone, and revokes them in the end. */
  LEASE,

  /** The store rotates the password of one user on its own schedule. */
  STATIC_ROLE
}
