package dev.latchkey.actuate;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.latchkey.secret.SecretStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A rotating secret and its state. It is built from metadata only and never contains a value.
 *
 * @param reference the reference to the path of the secret
 * @param kind {@code kv}, {@code lease} or {@code static-role}
 * @param version the version in use
 * @param times when the version {@code changed} in the store, by the store's clock, if the store
 *     reports it; when it was {@code read} and when the store last {@code confirmed} it, by this
 *     machine's clock
 * @param maxAge maximum age of an unconfirmed value, or null if unlimited
 * @param stale whether the value is older than {@code maxAge}, so that Latchkey refuses to serve it
 * @param lease the lease, or null if the secret is not leased
 * @param problem why the last refresh failed, or null; the last good value stays in use
 * @since 0.1
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record SecretDescriptor(
    String reference,
    String kind,
    long version,
    Map<String, Instant> times,
    @Nullable Duration maxAge,
    boolean stale,
    @Nullable Lease lease,
    @Nullable String problem) {

  /** Describes a secret. */
  public static SecretDescriptor of(SecretStatus status) {
    return new SecretDescriptor(
        status.reference().toString(),
        status.kind().name().toLowerCase(Locale.ROOT).replace('_', '-'),
        status.version(),
        times(
            "changed",
            status.changedAt(),
            "read",
            status.readAt(),
            "confirmed",
            status.confirmedAt()),
        status.maxAge(),
        status.withheld(),
        status.lease() == null ? null : Lease.of(status.lease()),
        status.problem());
  }

  private static Map<String, Instant> times(@Nullable Object... namesAndTimes) {
    Map<String, Instant> times = new LinkedHashMap<>();
    for (int i = 0; i < namesAndTimes.length; i += 2) {
      if (namesAndTimes[i] instanceof String name && namesAndTimes[i + 1] instanceof Instant time) {
        times.put(name, time);
      }
    }
    return times;
  }

  /**
   * A lease.
   *
   * @param id the id of the lease in the store
   * @param renewable whether the lease is renewable
   * @param times when the lease was {@code taken} and {@code renewed}, when it {@code ends} unless
   *     it is renewed, and from when it is {@code replaced}, if known
   * @param overlap how long the lease stays valid after its replacement
   * @param before number of earlier leases that are still valid
   */
  public record Lease(
      String id, boolean renewable, Map<String, Instant> times, Duration overlap, int before) {

    static Lease of(SecretStatus.LeaseStatus lease) {
      return new Lease(
          lease.id(),
          lease.renewable(),
          SecretDescriptor.times(
              "taken", lease.takenAt(),
              "renewed", lease.renewedAt(),
              "ends", lease.endsAt(),
              "replaced", lease.replacedAt()),
          lease.overlap(),
          lease.previous());
    }
  }

  /** Result of an action on a secret. */
  public record Performed(String action, SecretDescriptor secret) {}
}
