package dev.latchkey.leaks;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.URLEncoder;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;

/** What nobody may ever read anywhere; found in whatever spelling it stands there. */
final class Canaries {

  /** What the server's tokens look like. */
  private static final Pattern TOKEN = Pattern.compile("(?<![\\w.])[sbr]\\.[A-Za-z0-9]{24,}");

  private final Map<String, String> labels = new ConcurrentHashMap<>();

  /** Makes a value to keep secret. */
  String plant(String label) {
    byte[] random = new byte[8];
    new SecureRandom().nextBytes(random);
    String value =
        "canary-%s-%s".formatted(label.replace(' ', '-'), HexFormat.of().formatHex(random));
    add(label, value);
    return value;
  }

  void add(String label, String value) {
    labels.put(value, label);
    labels.put(new StringBuilder(value).reverse().toString(), label);
    labels.put(URLEncoder.encode(value, UTF_8), label);
    add(label, value.getBytes(UTF_8));
  }

  void add(String label, byte[] value) {
    labels.put(HexFormat.of().formatHex(value), label);
    labels.put(HexFormat.of().withUpperCase().formatHex(value), label);
    labels.put(Arrays.toString(value), label);
    for (int offset = 0; offset < 3; offset++) {
      String base64 = base64(value, offset);
      labels.put(base64, label);
      labels.put(base64.replace('+', '-').replace('/', '_'), label);
    }
  }

  /** As it stands in the Base64 of a text that it begins this far into, give or take threes. */
  private static String base64(byte[] value, int offset) {
    byte[] shifted = new byte[offset + value.length];
    System.arraycopy(value, 0, shifted, offset, value.length);
    String all = Base64.getEncoder().withoutPadding().encodeToString(shifted);
    return all.substring(offset == 0 ? 0 : offset + 1, shifted.length * 8 / 6);
  }

  /** The labels of all that stand in a text. */
  Set<String> in(String text) {
    Set<String> found = new TreeSet<>();
    labels.forEach(
        (spelling, label) -> {
          if (!found.contains(label) && text.contains(spelling)) {
            found.add(label);
          }
        });
    TOKEN.matcher(text).results().forEach(token -> found.add("token"));
    return found;
  }
}
