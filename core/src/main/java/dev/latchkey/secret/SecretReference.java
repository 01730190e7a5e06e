package dev.latchkey.secret;

import dev.latchkey.LatchkeyException;
import org.jspecify.annotations.Nullable;

/**
 * A reference to one secret: {@code vault@secret/orders-db?version=3#password}.
 *
 * @param path mount and path, such as {@code secret/orders-db}
 * @param version the version to read, or null for the newest
 * @param generate how many random characters to make where the field does not exist yet, or null
 * @param field the field of the path, or null for all of them
 * @since 0.1
 */
public record SecretReference(
    String path, @Nullable Long version, @Nullable Integer generate, @Nullable String field) {

  /** What every reference starts with. */
  public static final String PREFIX = "vault@";

  /**
   * Parses a reference.
   *
   * @throws LatchkeyException naming the first character that cannot stand where it stands, and its
   *     position
   */
  public static SecretReference parse(String text) {
    throw new UnsupportedOperationException();
  }
}
