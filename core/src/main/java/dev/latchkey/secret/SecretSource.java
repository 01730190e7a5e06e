package dev.latchkey.secret;

import dev.latchkey.secret.SecretValue.Kind;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A store of secrets, such as Vault or the embedded store. A store that keeps values only
 * implements {@link #read}, {@link #write} and {@link #description()}; the other methods are for
 * stores that grant leases, keep track of logins, or may answer from a stale standby.
 * Implementations are thread-safe.
 *
 * @since 0.1
 */
public interface SecretSource {

  /**
   * Reads a secret. If the path grants leases, every call takes one.
   *
   * @param path mount and path, such as {@code secret/orders-db}; the source knows where the mount
   *     ends
   * @param version the version to read, or null for the newest
   * @return empty only if the source itself says, with authority, that nothing ever existed there;
   *     a missing version of an existing path is an error
   * @throws dev.latchkey.StoreUnavailableException if the source is unavailable
   * @throws dev.latchkey.LatchkeyException for any other answer, such as denied or deleted
   */
  Optional<SecretValue> read(String path, @Nullable Long version);

  /**
   * Reads the newest version of a secret, with a proof that it is the newest if the source can give
   * one.
   *
   * @return as {@link #read}
   * @throws dev.latchkey.LatchkeyException as {@link #read} does
   */
  default Optional<SecretValue> readNewest(String path) {
    return read(path, null);
  }

  /**
   * Asks whether a value of {@link Kind#KV} is still the newest, if possible without reading one.
   * By default, the secret must be read to find out.
   *
   * @throws dev.latchkey.LatchkeyException as {@link #read} does
   */
  default News check(String path, SecretValue held) {
    return News.CHANGED;
  }

  /**
   * Writes all fields of a path with check-and-set.
   *
   * @param expectedVersion the version that the path must have now; 0 if it never had one
   * @throws dev.latchkey.WriteConflictException if the path has another version; nothing was
   *     written
   * @throws dev.latchkey.LatchkeyException for any other answer, and if the source has no
   *     check-and-set
   */
  void write(String path, Map<String, @Nullable Object> fields, long expectedVersion);

  /**
   * Renews a lease.
   *
   * @param increment how long it should last from now; the source may grant less
   * @return the lease as it is now
   * @throws LeaseExpiredException if it has expired, or cannot be renewed
   * @throws dev.latchkey.StoreUnavailableException if the source is unavailable
   */
  default Lease renew(Lease lease, Duration increment) {
    throw new LeaseExpiredException(
        "%s grants no leases".formatted(description()), "Read the secret again.");
  }

  /**
   * Revokes a lease: the credentials that came with it are no longer valid. Does nothing if it has
   * expired.
   *
   * @throws dev.latchkey.LatchkeyException if the source doesn't confirm it
   */
  default void revoke(Lease lease) {}

  /**
   * Calls {@code listener} whenever the application has logged in again, with the time at which the
   * previous login is revoked: leases that were taken with it end with it. The listener runs on the
   * thread that logs in, and must not block.
   */
  default void onLogin(Consumer<Instant> listener) {}

  /** Names the source in messages, such as {@code Vault at https://vault.example.org:8200}. */
  String description();

  /**
   * Whether {@link #write} can succeed at a path that has been asked for, so that a value can be
   * generated there.
   */
  default boolean mayWrite(String path) {
    return true;
  }

  /**
   * How an operator writes a field, as a sentence for messages; empty if no program but Latchkey
   * writes to the source.
   *
   * @param isFirst whether the path has no value yet
   */
  default Optional<String> howToWrite(String path, String field, boolean isFirst) {
    return Optional.empty();
  }

  /** A store's response to whether a value is still the newest. */
  public enum News {

    /** It is proved to be the newest. */
    UNCHANGED,

    /** It may be the newest, or the response may come from a stale standby. */
    UNPROVED,

    /** There may be another: read it. */
    CHANGED
  }
}
