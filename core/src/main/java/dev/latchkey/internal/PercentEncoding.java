package dev.latchkey.internal;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.URLDecoder;
import java.util.HexFormat;
import java.util.Locale;

/**
 * Percent-encoding of paths (RFC 3986, section 2.1): everything but letters, digits, {@code -},
 * {@code _}, {@code .} and, between segments, {@code /}.
 *
 * @since 0.1
 */
public final class PercentEncoding {

  private PercentEncoding() {}

  /** Whether a character needs no escape. */
  public static boolean isPlain(char c) {
    return c >= 'a' && c <= 'z'
        || c >= 'A' && c <= 'Z'
        || c >= '0' && c <= '9'
        || "-_.".indexOf(c) >= 0;
  }

  /** Encodes a path as UTF-8. */
  public static String encode(String path) {
    StringBuilder encoded = new StringBuilder(path.length());
    for (byte each : path.getBytes(UTF_8)) {
      if (each >= 0 && (isPlain((char) each) || each == '/')) {
        encoded.append((char) each);
      } else {
        encoded.append('%').append(HexFormat.of().toHexDigits(each).toUpperCase(Locale.ROOT));
      }
    }
    return encoded.toString();
  }

  /**
   * Decodes a path.
   *
   * @param encoded only plain characters, {@code /} and valid escapes
   */
  public static String decode(String encoded) {
    return URLDecoder.decode(encoded, UTF_8); // there is no '+', which would become a space
  }
}
