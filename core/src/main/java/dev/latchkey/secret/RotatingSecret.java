package dev.latchkey.secret;

import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * A secret that changes while the application runs. The object stays the same, so it can be
 * injected once and kept; what it gives is always the newest value that this instance knows. Asking
 * for it costs no I/O and no lock.
 *
 * <p>During an outage of the store the last good value serves, for as long as the secret's maximum
 * age allows (for ever if there is none).
 *
 * @since 0.1
 */
public interface RotatingSecret {

  /** Its name, as in {@code latchkey.secrets.<name>}. */
  String name();

  /**
   * The version in use. Take fields that belong together, such as a user and its password, from one
   * version.
   *
   * @throws StaleSecretException if the store has not confirmed it for longer than the maximum age
   */
  SecretValue current();

  /**
   * The version before, such as to accept what others made with it. Empty if there was none, and
   * once the lease that it came with has ended: whoever holds a connection that was opened with it
   * must then let it go at once.
   */
  Optional<SecretValue> previous();

  /**
   * One field of the version in use.
   *
   * @throws dev.latchkey.LatchkeyException if it has no such field, or one that has no text
   * @throws StaleSecretException as {@link #current()} does
   */
  default String get(String field) {
    return current().get(field);
  }

  /**
   * Calls {@code listener} with each version after it came into use, on the thread that read it. A
   * listener that fails is logged by its type alone, and stops no other. The application's lifetime
   * is the listener's.
   */
  void onRotation(Consumer<SecretValue> listener);

  /**
   * Asks the store now, such as when a database refuses the password: whether a static role has a
   * new one, whether the lease is still alive (if not, new credentials are taken), whether there is
   * a new version. Callers that ask together share one answer, and where nothing was new, the store
   * is not asked again for a second.
   *
   * @param atMost how long to wait for the answer; the read itself runs on another thread, and goes
   *     on
   * @return whether another version is in use now than when this was called
   */
  boolean refresh(Duration atMost);

  /**
   * How long credentials with a lease stay valid, at least, after others took their place: time for
   * those who use them to finish. Zero where there is no lease. Never more than a third of the
   * lease's greatest lifetime.
   */
  Duration overlap();

  /**
   * Asks for an {@link #overlap()} of at least this: a consumer that needs time to move, such as a
   * connection pool that waits for open transactions, calls it once when it takes the secret into
   * use. What cannot be granted (a third of the lease's greatest lifetime is the most) shows in
   * {@link #overlap()}.
   */
  void extendOverlap(Duration atLeast);
}
