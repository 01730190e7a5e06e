package dev.latchkey.secret;

import dev.latchkey.LatchkeyException;
import org.jspecify.annotations.Nullable;

/**
 * A reference to one secret: {@code vault@secret/orders-db?version=3#password}.
 *
 * <pre>
 * reference = "vault@" segment "/" segment { "/" segment } [ option ] [ "#" field ]
 * option    = "?version=" number | "?generate=" number
 * segment   = field = one or more letters, digits, "-", "_", ".", but neither "." alone nor ".."
 * </pre>
 *
 * @param path mount and path, such as {@code secret/orders-db}
 * @param version the version to read, 1 or more, or null for the newest
 * @param generate how many random characters to make where the field does not exist yet, or null
 * @param field the field of the path, or null for all of them
 * @since 0.1
 */
public record SecretReference(
    String path, @Nullable Long version, @Nullable Integer generate, @Nullable String field) {

  /** What every reference starts with. */
  public static final String PREFIX = "vault@";

  /** The fewest characters that {@code ?generate} makes: 71 bits of randomness. */
  public static final int MIN_GENERATED_LENGTH = 12;

  /** The most characters that {@code ?generate} makes. */
  public static final int MAX_GENERATED_LENGTH = 1024;

  /**
   * Parses a reference to one field.
   *
   * @throws LatchkeyException naming the first character that cannot stand where it stands, and its
   *     position, counted from 1
   */
  public static SecretReference parse(String text) {
    return new ReferenceParser(text).parse(true);
  }

  /**
   * Parses a reference to a whole path: one without {@code #field}.
   *
   * @throws LatchkeyException as {@link #parse(String)} does
   */
  public static SecretReference parsePath(String text) {
    return new ReferenceParser(text).parse(false);
  }

  /** The reference as text, such that parsing it gives an equal one. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder(PREFIX).append(path);
    if (version != null) {
      text.append("?version=").append(version);
    }
    if (generate != null) {
      text.append("?generate=").append(generate);
    }
    if (field != null) {
      text.append('#').append(field);
    }
    return text.toString();
  }
}
