package dev.latchkey.secret;

import dev.latchkey.LatchkeyException;
import dev.latchkey.internal.NearestName;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One version of a secret: all its fields, as they were read together. Take fields that belong
 * together, such as a username and its password, from one value. It is never printed.
 *
 * @since 0.1
 */
public final class SecretValue {

  private final String path;
  private final Map<String, @Nullable Object> values;
  private final long version;
  private final Kind kind;
  private final @Nullable Instant changedAt;
  private final boolean proved;
  private final @Nullable Lease lease;
  private final @Nullable Duration changesIn;

  private SecretValue(
      String path,
      Map<String, ? extends @Nullable Object> values,
      long version,
      Kind kind,
      @Nullable Instant changedAt,
      boolean proved,
      @Nullable Lease lease,
      @Nullable Duration changesIn) {
    this.path = path;
    this.values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
    this.version = version;
    this.kind = kind;
    this.changedAt = changedAt;
    this.proved = proved;
    this.lease = lease;
    this.changesIn = changesIn;
  }

  /**
   * A value that an operator or a program writes, known to be the newest.
   *
   * @param values the fields' JSON values (text, number, boolean, null, list or map) by name
   * @param version the store's version of the path, 1 or more; 0 if the store keeps no versions
   */
  public static SecretValue keyValue(
      String path, Map<String, ? extends @Nullable Object> values, long version) {
    return keyValue(path, values, version, null, true);
  }

  /**
   * A value that an operator or a program writes.
   *
   * @param changedAt when it was written, by the store's clock; null if the store doesn't say
   * @param proved whether it is known to be the newest, and not the response of a stale standby
   */
  public static SecretValue keyValue(
      String path,
      Map<String, ? extends @Nullable Object> values,
      long version,
      @Nullable Instant changedAt,
      boolean proved) {
    return new SecretValue(path, values, version, Kind.KV, changedAt, proved, null, null);
  }

  /** Leased credentials. */
  public static SecretValue leased(
      String path, Map<String, ? extends @Nullable Object> values, Lease lease) {
    return new SecretValue(path, values, 0, Kind.LEASE, null, true, lease, null);
  }

  /**
   * The credentials of a static role.
   *
   * @param changedAt when the store last rotated them; null if it doesn't say
   * @param proved whether they are known to be the newest
   * @param changesIn how long until the store rotates them
   */
  public static SecretValue staticRole(
      String path,
      Map<String, ? extends @Nullable Object> values,
      @Nullable Instant changedAt,
      boolean proved,
      Duration changesIn) {
    return new SecretValue(path, values, 0, Kind.STATIC_ROLE, changedAt, proved, null, changesIn);
  }

  /** The same value under a version number, for a store that keeps none. */
  public SecretValue withVersion(long version) {
    return new SecretValue(path, values, version, kind, changedAt, proved, lease, changesIn);
  }

  /**
   * The text of a field.
   *
   * @throws LatchkeyException if there is no such field, or if it has no text
   */
  public String get(String field) {
    if (!values.containsKey(field)) {
      throw new LatchkeyException(
          "%s has no field '%s' (found %s)"
              .formatted(
                  SecretReference.ofPath(path),
                  field,
                  values.isEmpty() ? "no fields" : String.join(", ", fields())),
          NearestName.of(field, fields())
              .map("Did you mean '%s'?"::formatted)
              .orElse("Use one of its fields."));
    }
    return SecretText.of(new SecretReference(path, null, null, field), values.get(field));
  }

  /** The names of its fields, in the store's order. */
  public Set<String> fields() {
    return values.keySet();
  }

  /** The fields' JSON values by name: text, number, boolean, null, list or map. */
  public Map<String, @Nullable Object> values() {
    return values;
  }

  /**
   * The text of every field, in order. A value inside a nested object or a list is named by its
   * path, as in {@code servers[0].name}. Null has no text and is left out.
   */
  public Map<String, String> texts() {
    Map<String, String> texts = new LinkedHashMap<>();
    values.forEach((name, value) -> SecretText.collect(name, value, texts));
    return texts;
  }

  /**
   * The store's version number if the store keeps versions. Otherwise a rotating secret counts the
   * versions that this instance has seen, from 1; a value fresh from such a store has 0.
   */
  public long version() {
    return version;
  }

  /** How the secret changes. */
  public Kind kind() {
    return kind;
  }

  /** When this version came into being, by the store's clock, if the store says so. */
  public Optional<Instant> changedAt() {
    return Optional.ofNullable(changedAt);
  }

  /** Whether it is known to be the store's newest, and not the response of a stale standby. */
  public boolean proved() {
    return proved;
  }

  /** The lease as it was granted; empty unless the credentials are leased. */
  public Optional<Lease> lease() {
    return Optional.ofNullable(lease);
  }

  /** How long after the read the store rotates a static role; empty for every other kind. */
  public Optional<Duration> changesIn() {
    return Optional.ofNullable(changesIn);
  }

  @Override
  public String toString() {
    return "SecretValue[path=%s, version=%d, kind=%s, fields=%s]"
        .formatted(path, version, kind, fields());
  }

  /** How a secret changes. Latchkey detects the kind from the store's response. */
  public enum Kind {

    /** An operator or a program writes new versions; Latchkey polls the store for them. */
    KV,

    /** The store creates credentials for this application alone, and revokes them in the end. */
    LEASE,

    /** The store rotates the password of one user on its own schedule. */
    STATIC_ROLE
  }
}
