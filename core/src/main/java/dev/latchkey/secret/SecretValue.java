package dev.latchkey.secret;

import dev.latchkey.LatchkeyException;
import dev.latchkey.NearestName;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One value of a {@link RotatingSecret}: all its fields, as they were read together. Never printed.
 *
 * @since 0.1
 */
public final class SecretValue {

  private final SecretReference reference;
  private final Map<String, @Nullable Object> fields;
  private final long version;
  private final Instant readAt;
  private final @Nullable Lease lease;

  public SecretValue(
      SecretReference reference,
      Map<String, @Nullable Object> fields,
      long version,
      Instant readAt,
      @Nullable Lease lease) {
    this.reference = reference;
    this.fields = Collections.unmodifiableMap(new LinkedHashMap<>(fields));
    this.version = version;
    this.readAt = readAt;
    this.lease = lease;
  }

  /**
   * The text of a field.
   *
   * @throws LatchkeyException if there is no such field, or one that has no text
   */
  public String get(String field) {
    if (!fields.containsKey(field)) {
      throw new LatchkeyException(
          "%s holds %s, but no '%s'"
              .formatted(
                  reference,
                  fields.isEmpty() ? "no fields" : "the fields " + String.join(", ", fields()),
                  field),
          NearestName.of(field, fields())
              .map("Did you mean '%s'?"::formatted)
              .orElse("Name one that is there."));
    }
    return SecretText.of(
        new SecretReference(reference.path(), reference.version(), null, field), fields.get(field));
  }

  /** The names of its fields. */
  public Set<String> fields() {
    return fields.keySet();
  }

  /**
   * The store's number of it, where the store keeps versions; else a count of the versions that
   * this instance has seen, from 1.
   */
  public long version() {
    return version;
  }

  /** When it was read, by this machine's clock. */
  public Instant readAt() {
    return readAt;
  }

  /** The lease that it came with, as it was given; empty if it came with none. */
  public Optional<Lease> lease() {
    return Optional.ofNullable(lease);
  }

  @Override
  public String toString() {
    return "SecretValue[reference=%s, version=%d, readAt=%s, fields=%s]"
        .formatted(reference, version, readAt, fields());
  }
}
