package dev.latchkey.key.internal;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * Finds the id of the key that a ciphertext, signature, tag or token was created with.
 *
 * <p>Tink puts the byte {@code 0x01} and the key's id, four bytes, big-endian, before ciphertexts,
 * signatures and tags. The header of a JWT holds the Base64 (URL) of the id as {@code kid}.
 */
public final class KeyIds {

  /** Represents a missing id. */
  public static final long NONE = -1;

  private static final int PREFIX_BYTES = 5;
  private static final JsonMapper JSON = new JsonMapper();

  private KeyIds() {}

  /** The id in front of a ciphertext, signature or tag, or {@link #NONE}. */
  public static long ofPrefix(byte[] output) {
    if (output.length < PREFIX_BYTES || output[0] != 1) {
      return NONE;
    }
    return bigEndian(output, 1);
  }

  private static long bigEndian(byte[] bytes, int from) {
    return (bytes[from] & 0xFFL) << 24
        | (bytes[from + 1] & 0xFFL) << 16
        | (bytes[from + 2] & 0xFFL) << 8
        | (bytes[from + 3] & 0xFFL);
  }

  /** The id in the header of a token in compact form, or {@link #NONE}. */
  public static long ofJwt(String compact) {
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
      return NONE; // not the id of one of our keys
    }
  }
}
