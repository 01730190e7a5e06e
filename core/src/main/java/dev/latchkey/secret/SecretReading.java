package dev.latchkey.secret;

import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a store gave for a path. Never printed.
 *
 * @param kind how it changes
 * @param fields by name
 * @param version the store's version of the path: 1 or more, or 0 where the store keeps no versions
 * @param lease for {@link SecretKind#LEASE}, else null
 * @param changesIn for {@link SecretKind#STATIC_ROLE}, how long until the store changes it; else
 *     null
 * @since 0.1
 */
public record SecretReading(
    SecretKind kind,
    Map<String, @Nullable Object> fields,
    long version,
    @Nullable Lease lease,
    @Nullable Duration changesIn) {

  public SecretReading {
    fields = Collections.unmodifiableMap(new LinkedHashMap<>(fields));
  }

  /** A value that somebody writes. */
  public static SecretReading ofKeyValue(SecretData data) {
    return new SecretReading(SecretKind.KV, data.fields(), data.version(), null, null);
  }

  /** Credentials on loan. */
  public static SecretReading ofLease(Map<String, @Nullable Object> fields, Lease lease) {
    return new SecretReading(SecretKind.LEASE, fields, 0, lease, null);
  }

  /** The password of a static role. */
  public static SecretReading ofStaticRole(
      Map<String, @Nullable Object> fields, Duration changesIn) {
    return new SecretReading(SecretKind.STATIC_ROLE, fields, 0, null, changesIn);
  }

  @Override
  public String toString() {
    return "SecretReading[kind=%s, fields=%s, version=%d, lease=%s, changesIn=%s]"
        .formatted(kind, fields.keySet(), version, lease, changesIn);
  }
}
