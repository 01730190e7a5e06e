package dev.latchkey.secret;

import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a store gave for a path. Never printed.
 *
 * @param kind how it changes
 * @param fields by name
 * @param version the store's version of the path: 1 or more, or 0 where the store keeps no versions
 * @param changedAt when the value came about, by the store's clock; null where it does not say
 * @param proved whether it is known to be the store's newest; it is not where the node that
 *     answered may be behind
 * @param lease for {@link SecretKind#LEASE}, else null
 * @param changesIn for {@link SecretKind#STATIC_ROLE}, how long until the store changes it; else
 *     null
 * @since 0.1
 */
public record SecretReading(
    SecretKind kind,
    Map<String, @Nullable Object> fields,
    long version,
    @Nullable Instant changedAt,
    boolean proved,
    @Nullable Lease lease,
    @Nullable Duration changesIn) {

  public SecretReading {
    fields = Collections.unmodifiableMap(new LinkedHashMap<>(fields));
  }

  /**
   * A value that somebody writes.
   *
   * @param changedAt when it was written, or null
   * @param proved whether it is known to be the newest
   */
  public static SecretReading ofKeyValue(
      SecretData data, @Nullable Instant changedAt, boolean proved) {
    return new SecretReading(
        SecretKind.KV, data.fields(), data.version(), changedAt, proved, null, null);
  }

  /** Credentials on loan. */
  public static SecretReading ofLease(Map<String, @Nullable Object> fields, Lease lease) {
    return new SecretReading(SecretKind.LEASE, fields, 0, null, true, lease, null);
  }

  /**
   * The password of a static role.
   *
   * @param changedAt when the store last changed it, or null
   * @param proved whether it is known to be the newest
   * @param changesIn how long until the store changes it
   */
  public static SecretReading ofStaticRole(
      Map<String, @Nullable Object> fields,
      @Nullable Instant changedAt,
      boolean proved,
      Duration changesIn) {
    return new SecretReading(SecretKind.STATIC_ROLE, fields, 0, changedAt, proved, null, changesIn);
  }

  /** Whether this is the same value, and not only an equal place for one. */
  public boolean isSameAs(SecretReading other) {
    return version > 0
        ? version == other.version && Objects.equals(changedAt, other.changedAt)
        : fields.equals(other.fields);
  }

  /** Whether it is of an earlier time, as far as versions and times tell. */
  public boolean isOlderThan(SecretReading other) {
    return version > 0
        ? version < other.version
        : changedAt != null && other.changedAt != null && changedAt.isBefore(other.changedAt);
  }

  @Override
  public String toString() {
    return "SecretReading[kind=%s, fields=%s, version=%d, lease=%s]"
        .formatted(kind, fields.keySet(), version, lease);
  }
}
