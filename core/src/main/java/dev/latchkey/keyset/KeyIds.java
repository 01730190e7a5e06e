package dev.latchkey.keyset;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * Finds the id of the key that made something, in what it made.
 *
 * <p>Tink puts a byte {@code 0x01} and the key's id, four bytes, big-endian, before ciphertexts,
 * signatures and tags; in a JWT, the Base64 (URL) of the id stands as {@code kid} in the header.
 */
final class KeyIds {

  /** Where there is no id. */
  static final long NONE = -1;

  private static final int PREFIX_BYTES = 5;
  private static final JsonMapper JSON = new JsonMapper();

  private KeyIds() {}

  static long ofPrefix(byte[] made) {
    if (made.length < PREFIX_BYTES || made[0] != 1) {
      return NONE;
    }
    return bigEndian(made, 1);
  }

  private static long bigEndian(byte[] bytes, int from) {
    return (bytes[from] & 0xFFL) << 24
        | (bytes[from + 1] & 0xFFL) << 16
        | (bytes[from + 2] & 0xFFL) << 8
        | (bytes[from + 3] & 0xFFL);
  }

  static long ofJwt(String compact) {
    int end = compact.indexOf('.');
    if (end < 0) {
      return NONE;
    }
    try {
      byte[] header = Base64.getUrlDecoder().decode(compact.substring(0, end));
      byte[] id =
          Base64.getUrlDecoder()
              .decode(
                  JSON.readTree(new String(header, StandardCharsets.UTF_8))
                      .path("kid")
                      .asString(""));
      return id.length == 4 ? bigEndian(id, 0) : NONE;
    } catch (IllegalArgumentException | JacksonException ex) {
      return NONE; // whatever it is, it names no key of ours
    }
  }
}
