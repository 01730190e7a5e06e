package dev.latchkey.secret;

/**
 * What a store says of a value that is held, without giving it again.
 *
 * @since 0.1
 */
public enum SecretNews {
  /** It is proved to be the newest. */
  UNCHANGED,
  /** It may be the newest, or the one that answers may be behind. */
  UNPROVED,
  /** Another may be there: read it. */
  CHANGED
}
