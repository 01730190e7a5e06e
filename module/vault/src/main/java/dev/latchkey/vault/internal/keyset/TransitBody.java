package dev.latchkey.vault.internal.keyset;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.util.Arrays;
import java.util.Base64;

/**
 * The JSON of one request to Transit. It may hold the bytes of keys: no text is made of them, which
 * could not be wiped, and closing it wipes all arrays that were used.
 */
final class TransitBody implements AutoCloseable {

  private byte[] json = {'{'};

  /** Adds bytes, which Transit takes as Base64. */
  TransitBody put(String field, byte[] value) {
    byte[] base64 = Base64.getEncoder().encode(value);
    append(name(field) + '"');
    append(base64);
    append("\"");
    Arrays.fill(base64, (byte) 0);
    return this;
  }

  /** Adds a ciphertext, in which nothing has to be escaped. */
  TransitBody put(String field, String value) {
    append(name(field) + '"' + value + '"');
    return this;
  }

  TransitBody put(String field, int value) {
    append(name(field) + value);
    return this;
  }

  /** All of it; wiped with this. */
  byte[] bytes() {
    append("}");
    return json;
  }

  private String name(String field) {
    return (json.length == 1 ? "\"" : ",\"") + field + "\":";
  }

  private void append(String text) {
    append(text.getBytes(US_ASCII));
  }

  private void append(byte[] more) {
    byte[] before = json;
    json = Arrays.copyOf(before, before.length + more.length);
    System.arraycopy(more, 0, json, before.length, more.length);
    Arrays.fill(before, (byte) 0);
  }

  @Override
  public void close() {
    Arrays.fill(json, (byte) 0);
  }
}
