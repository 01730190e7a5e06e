package dev.latchkey.secret;

import java.time.Duration;
import java.time.Instant;
import java.util.function.Consumer;

/**
 * A {@link SecretSource} as seen by what follows its secrets: cheap questions for news, and leases.
 * Implementations are safe for use by several threads at once.
 *
 * @since 0.1
 */
public interface RotatingSource {

  /**
   * Reads a secret. Where the path gives leases, every call takes one.
   *
   * @throws AbsentSecretException if there is none, with authority
   * @throws dev.latchkey.StoreUnavailableException if the source gives no answer now
   * @throws dev.latchkey.LatchkeyException for any other answer, denied among them
   */
  SecretReading read(SecretReference reference);

  /**
   * Asks whether a value of {@link SecretKind#KV} is still the newest, if possible without reading
   * one.
   *
   * @throws dev.latchkey.LatchkeyException as {@link #read(SecretReference)} does
   */
  SecretNews check(SecretReference reference, SecretReading held);

  /**
   * Renews a lease.
   *
   * @param increment how long it shall last from now; the source may grant less
   * @return the lease as it is now
   * @throws LeaseExpiredException if it has ended, or cannot be renewed
   * @throws dev.latchkey.StoreUnavailableException if the source gives no answer now
   */
  Lease renew(Lease lease, Duration increment);

  /**
   * Ends a lease; what came with it is no longer valid. Does nothing for one that has ended.
   *
   * @throws dev.latchkey.LatchkeyException if the source does not say that it did
   */
  void revoke(Lease lease);

  /**
   * Calls {@code listener} whenever the application has another login than before, with the time at
   * which that one ends, or did end: leases that were taken with it end with it. It runs on the
   * thread that logs in, and must not wait.
   */
  void onLogin(Consumer<Instant> listener);

  /** Names the source in messages, such as {@code Vault at https://vault.example.org:8200}. */
  String description();
}
