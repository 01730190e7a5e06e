package dev.latchkey.secret;

/**
 * A store's response to whether a value is still the newest.
 *
 * @since 0.1
 */
public enum SecretNews {

  /** It is proved to be the newest. */
  UNCHANGED,

  /** It may be the newest, or the response may come from a stale standby. */
  UNPROVED,

  /** There may be another: read it. */
  CHANGED
}
