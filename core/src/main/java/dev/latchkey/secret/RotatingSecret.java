package dev.latchkey.secret;

import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * A secret that changes while the application runs. The object stays the same, so you can inject it
 * once and keep it; it always returns the newest value that this instance knows. Once the secret
 * has been read, which happens at the latest when it is first used, calls cost no I/O and no lock.
 *
 * <p>During an outage of the store, Latchkey serves the last good value for as long as the secret's
 * maximum age allows, or indefinitely if it has none.
 *
 * @since 0.1
 */
public interface RotatingSecret {

  /** The secret's name, as configured. */
  String name();

  /**
   * The version in use. Take fields that belong together, such as a username and its password, from
   * one value.
   *
   * @throws StaleSecretException if the store has not confirmed it for longer than the maximum age
   * @throws dev.latchkey.LatchkeyException if it has not been read yet, and cannot be read now
   */
  SecretValue current();

  /**
   * The version before, for example to accept what others created with it. Empty if there was none,
   * and once its lease has expired: close connections that were opened with it immediately.
   */
  Optional<SecretValue> previous();

  /**
   * One field of the version in use.
   *
   * @throws dev.latchkey.LatchkeyException if there is no such field, or if it has no text
   * @throws StaleSecretException as {@link #current()} does
   */
  default String get(String field) {
    return current().get(field);
  }

  /**
   * Calls {@code listener} with each version after it was first used, on the thread that read it. A
   * listener that fails is logged by its exception's type, and does not affect the others. There is
   * no way to remove a listener: it lives as long as the application.
   */
  void onRotation(Consumer<SecretValue> listener);

  /**
   * Refreshes the secret now, for example when a database rejects the password: reads a static role
   * again, renews the lease (and requests other credentials if it has expired), or checks for a new
   * version. Callers that ask together share one response. If nothing was new, the store is not
   * asked again for a second.
   *
   * @param atMost how long to wait for the response; the refresh itself runs on another thread, and
   *     continues after that
   * @return whether another version is in use now than when this was called
   */
  boolean refresh(Duration atMost);

  /**
   * How long leased credentials stay valid, at least, after they have been replaced: the time that
   * their users have to finish. Zero without a lease. Never more than a third of the lease's
   * maximum lifetime.
   */
  Duration overlap();

  /**
   * Requests an {@link #overlap()} of at least this. A consumer that needs time to move, such as a
   * connection pool that waits for open transactions, calls it once when it starts using the
   * secret. A third of the lease's maximum lifetime is the most that is granted; {@link #overlap()}
   * returns what was.
   */
  void extendOverlap(Duration atLeast);
}
