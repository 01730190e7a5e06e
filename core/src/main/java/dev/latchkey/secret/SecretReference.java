package dev.latchkey.secret;

import dev.latchkey.LatchkeyException;
import dev.latchkey.internal.PercentEncoding;
import org.jspecify.annotations.Nullable;

/**
 * A reference to one secret: {@code vault@secret/orders-db?version=3#password}.
 *
 * <pre>
 * reference = "vault@" segment "/" segment { "/" segment } [ option ] [ "#" field ]
 * option    = "?version=" number | "?generate=" number
 * segment   = field = one or more letters, digits, "-", "_", ".", but neither "." alone nor "..";
 *             any other character percent-encoded as UTF-8, such as "%20" for a space
 * </pre>
 *
 * @param path mount and path, such as {@code secret/orders-db}, percent-encoded
 * @param version the version to read, 1 or more, or null for the newest
 * @param generate how many random characters to generate if the field does not exist yet, or null
 * @param field the field of the path, not encoded, or null for all of them
 * @since 0.1
 */
public record SecretReference(
    String path, @Nullable Long version, @Nullable Integer generate, @Nullable String field) {

  /** The prefix of every reference. */
  public static final String PREFIX = "vault@";

  /** The fewest characters that {@code ?generate} accepts: 71 bits of randomness. */
  public static final int MIN_GENERATED_LENGTH = 12;

  /** The most characters that {@code ?generate} accepts. */
  public static final int MAX_GENERATED_LENGTH = 1024;

  /**
   * Parses a reference to one field.
   *
   * @throws LatchkeyException naming the first invalid character and its position, counted from 1
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

  /**
   * Creates a reference to the newest version of a whole path.
   *
   * @param path mount and path, such as {@code secret/orders-db}
   */
  public static SecretReference ofPath(String path) {
    return new SecretReference(path, null, null, null);
  }

  /** The reference as text. Parsing it gives an equal reference. */
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
      text.append('#').append(PercentEncoding.encode(field));
    }
    return text.toString();
  }
}
