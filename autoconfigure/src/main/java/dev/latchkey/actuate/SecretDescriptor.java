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
 * How a secret that rotates stands. Built from metadata alone: nothing in it was ever next to a
 * value.
 *
 * @param reference its path
 * @param kind {@code kv}, {@code lease} or {@code static-role}
 * @param version the version in use
 * @param times when that version {@code changed} in the store, by its clock, where it says so; and
 *     by this machine's clock, when it was {@code read} and when the store last {@code confirmed}
 *     it
 * @param maxAge how long it is given without being confirmed, if not for ever
 * @param withheld whether it is too old to be given
 * @param lease its lease, if it has one
 * @param problem why it could not be followed; its last good value stays in use
 * @since 0.1
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record SecretDescriptor(
    String reference,
    String kind,
    long version,
    Map<String, Instant> times,
    @Nullable Duration maxAge,
    boolean withheld,
    @Nullable Lease lease,
    @Nullable String problem) {

  /** Shows how a secret stands. */
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
        status.stale(),
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
   * @param id the store's name of it
   * @param renewable whether it can be renewed at all
   * @param times when it was {@code taken} and {@code renewed}, when it {@code ends} if it is not
   *     renewed, and from when on it is {@code replaced}, if that is known
   * @param overlap how long it stays valid after that
   * @param before how many leases before it have not ended yet
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

  /** What came of an action. */
  public record Performed(String action, SecretDescriptor secret) {}
}
