package dev.latchkey.file.internal;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The cleartext first line of the store's file, and the associated data of the rest.
 *
 * @param storeId identifies the store and its key file
 * @param generation number of times that the file was written
 * @param keyId identifies the key that encrypts the file
 */
record StoreHeader(String storeId, long generation, String keyId) {

  private static final String FORMAT = "latchkey-store/";
  private static final int MAX_CHARS = 128;
  private static final Pattern LINE =
      Pattern.compile(FORMAT + "1 ([0-9a-f]{16}) ([1-9][0-9]{0,17}) ([0-9a-f]{16})\n");

  static Optional<StoreHeader> parse(byte[] file) {
    Matcher matcher = LINE.matcher(start(file));
    return matcher.lookingAt()
        ? Optional.of(
            new StoreHeader(matcher.group(1), Long.parseLong(matcher.group(2)), matcher.group(3)))
        : Optional.empty();
  }

  /** Whether a file that cannot be parsed has a later format. */
  static boolean isOfAnotherFormat(byte[] file) {
    return start(file).matches("(?s)" + FORMAT + "[0-9]+ .*")
        && !start(file).startsWith(FORMAT + "1 ");
  }

  byte[] line() {
    return "%s1 %s %d %s\n".formatted(FORMAT, storeId, generation, keyId).getBytes(ISO_8859_1);
  }

  private static String start(byte[] file) {
    return new String(file, 0, Math.min(file.length, MAX_CHARS), ISO_8859_1);
  }
}
