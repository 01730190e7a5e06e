package dev.latchkey.secret;

import java.time.Duration;

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
   * Whether a path of {@link SecretKind#KV} may hold something else than it did, as far as that can
   * be told without reading the value.
   *
   * @param version the version that is held; 0 where the source keeps none
   * @throws dev.latchkey.LatchkeyException as {@link #read(SecretReference)} does
   */
  boolean mayDiffer(SecretReference reference, long version);

  /**
   * Renews a lease.
   *
   * @param increment how long it shall last from now; the source may grant less
   * @return the lease as it is now
   * @throws LeaseEndedException if it has ended, or cannot be renewed
   * @throws dev.latchkey.StoreUnavailableException if the source gives no answer now
   */
  Lease renew(Lease lease, Duration increment);

  /**
   * Ends a lease; what came with it is no longer valid. Does nothing for one that has ended.
   *
   * @throws dev.latchkey.LatchkeyException if the source does not say that it did
   */
  void revoke(Lease lease);

  /** Names the source in messages, such as {@code Vault at https://vault.example.org:8200}. */
  String description();
}
