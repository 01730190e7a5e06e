package dev.latchkey.key;

/**
 * The states of a key, after NIST SP 800-57 Part 1 Rev. 5, section 7.
 *
 * @since 0.1
 */
public enum KeyState {
  /** Published in the keyset, so that every instance knows it, but not used yet: the spare. */
  PENDING,
  /** The primary key: the one that encrypts, computes or signs. Each keyset has exactly one. */
  ACTIVE,
  /** Decrypts or verifies what it protected while active. */
  RETIRED,
  /** Does nothing; can be enabled again. */
  DISABLED,
  /** Compromised. What it still does depends on the primitive. */
  COMPROMISED,
  /** Does nothing, and will be destroyed; can be canceled. */
  DESTROY_SCHEDULED,
  /** Its bytes are gone; its id is kept indefinitely, so that it is never used again. */
  DESTROYED
}
